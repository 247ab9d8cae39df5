// The lab itself: puts controls, playbar and drawings into an element and connects them with the
// worker. The page (page.js) and the notebook's widget (widget.js) both mount it.

import { fromPreset, presetOf } from "./address.js";
import { onTheme, readColors } from "./canvas.js";
import { Controls } from "./controls.js";
import { make, write } from "./dom.js";
import { Layers } from "./layers.js";
import { LossChart } from "./losschart.js";
import { Narrator, news, standing } from "./narrator.js";
import { Playbar } from "./playbar.js";
import { BY_NAME } from "./presets.js";
import { Regions } from "./regions.js";
import { Decades } from "./scale.js";
import { initial, settle, sides } from "./state.js";
import { Trainer } from "./trainer.js";
import { LABELS, valueOf } from "./words.js";

const NAMES = ["left", "right"];
const COLORS = ["green", "pink"];
const DECADES = 4; // of the axis of sizes, at the least

export class Lab {
  /**
   * `onState(state)` is told of every change that an address should carry; `onFrame(frame)` of every
   * frame; `chapterLink(place)` gives the address of a chapter, where there is one; `calm(state)` what
   * of a preset's state, its speed for example, suits the reader.
   */
  constructor(element, options = {}) {
    const { state = initial(), problems = [], starts = [], onState, onFrame, chapterLink, calm } = options;
    this.element = element;
    this.state = state;
    this.starts = starts;
    this.onState = onState ?? (() => {});
    this.onFrame = onFrame ?? (() => {});
    this.frame = null;
    this.decades = new Decades(DECADES);
    this.build(chapterLink, calm ?? ((preset) => preset));
    this.trainer = new Trainer({
      onFrame: (frame) => this.receive(frame),
      onRefused: (message) => this.complain([{ message }]),
      onPlaying: (yes) => this.onPlaying(yes),
    });
    this.stopTheme = onTheme(() => {
      this.colors = readColors(this.element);
      this.paint();
    });
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(this.panels);
    this.complain(problems);
    this.configure(state.step);
  }

  build(chapterLink, calm) {
    this.controls = new Controls({
      onSetting: (setting, value) => this.change({ settings: { ...this.state.settings, [setting]: value } }, setting),
      onDifference: (difference) => this.change({ difference }, difference?.setting, "right"),
      onPreset: (name) => this.set(calm(fromPreset(name))),
      onEnd: () => this.set({ ...this.state, step: BY_NAME[presetOf(this.state)].steps }),
      chapterLink,
    });
    this.playbar = new Playbar({
      onRewind: () => this.trainer.goTo(0),
      onBack: () => this.frame && this.trainer.goTo(Math.max(0, this.frame.step - 1)),
      onPlay: () => (this.trainer.playing ? this.trainer.pause() : this.trainer.play()),
      onStep: () => this.trainer.step(),
      onSpeed: (speed) => this.setSpeed(speed),
      onScrub: (step) => this.trainer.goTo(step),
    });
    this.notices = make("div", { class: "lab-notices", role: "alert" });
    const status = make("p", { class: "lab-status", "aria-live": "polite" });
    this.narrator = new Narrator(status);
    this.heads = NAMES.map((name) => make("h2", { class: `lab-head lab-${name}` }));
    this.regions = NAMES.map((name) => new Regions(name));
    this.layers = NAMES.map((name, i) => new Layers(name, COLORS[i]));
    this.chart = new LossChart({
      onStep: (step) => this.frame && this.trainer.goTo(Math.min(step, this.frame.furthest)) });
    this.panels = make("div", { class: "lab-panels" },
      ...NAMES.map((name, i) => make("div", { class: `lab-plane-of lab-${name}` },
        this.heads[i], this.regions[i].element)),
      this.chart.element,
      ...NAMES.map((name, i) => make("div", { class: `lab-layers-of lab-${name}` },
        make("h2", { class: "lab-panel-title lab-hidden" }, `Layers of the ${name} network`),
        this.layers[i].element)));
    this.element.classList.add("initlab-lab");
    this.element.replaceChildren(
      this.controls.element, this.notices, this.playbar.element, status, this.panels);
    this.colors = readColors(this.element);
  }

  /** Change a part of the state; a value that is refused leaves all as it was. */
  change(part, setting, where) {
    const { state, problems } = settle({ ...this.state, ...part, step: undefined });
    const refused = problems.some((problem) => problem.setting === setting);
    this.complain(problems);
    this.controls.refuse(refused ? where ?? setting : null);
    if (!refused) this.set(state, problems);
  }

  /** Another state altogether. */
  set(state, problems = []) {
    this.trainer.pause();
    this.state = state;
    this.starts = [];
    this.complain(problems);
    this.configure(state.step);
    this.onState(this.state);
  }

  setSpeed(speed) {
    this.state = { ...this.state, speed };
    this.trainer.speed = speed;
    this.playbar.speed.value = speed;
    this.onState(this.state);
  }

  configure(step) {
    const { speed } = this.state;
    const name = presetOf(this.state);
    const preset = name && BY_NAME[name];
    this.controls.show(this.state, preset);
    this.controls.refuse(null);
    this.trainer.speed = speed;
    this.playbar.speed.value = speed;
    this.decades.reset();
    this.frame = null;
    this.element.classList.toggle("lab-alone", this.state.difference === null);
    const { difference, settings } = this.state;
    NAMES.forEach((side, i) => {
      const value = difference && valueOf(difference.setting, i ? difference.value : settings[difference.setting]);
      write(this.heads[i], difference ? `${LABELS[difference.setting]}: ${value}` : "The network");
    });
    this.trainer.configure(sides(this.state), { step, starts: this.starts });
  }

  /** First parameters of a network (0 left, 1 right) in place of the drawn ones, as Run.startFrom. */
  startFrom(starts) {
    this.starts = starts;
    this.configure(0);
  }

  receive(frame) {
    const { description } = frame;
    if (description) {
      const both = sides(this.state);
      this.chart.describe(this.state.settings, description.classes);
      description.sizes.forEach((sizes, i) => {
        this.regions[i].describe(description);
        this.layers[i].describe(sizes, both[i].activation);
      });
    }
    const before = this.frame;
    this.frame = frame;
    for (const side of frame.sides) {
      side.rms_delta.forEach((value) => this.decades.include(value));
      side.rms_grad_W.forEach((value) => this.decades.include(value));
    }
    this.playbar.show(frame, document.activeElement === this.playbar.scrubber && this.trainer.wish !== null);
    this.paint();
    const told = news(before, frame);
    if (told && before) this.narrator.say(told);
    else if (this.trainer.resting) this.narrator.say(standing(frame));
    if (this.trainer.resting) this.rest();
    this.onFrame(frame);
  }

  paint() {
    if (!this.frame) return;
    const range = this.decades.range();
    this.frame.sides.forEach((side, i) => {
      this.regions[i].draw(side, this.colors);
      this.layers[i].draw(side, range, this.colors);
    });
    this.chart.draw(this.frame, this.colors);
  }

  /** What is too much for every frame: words for the drawings, the address. */
  rest() {
    this.frame.sides.forEach((_, i) => {
      this.regions[i].describeAloud(this.frame.step);
      this.layers[i].describeAloud();
    });
    this.chart.describeAloud(this.frame);
    this.state = { ...this.state, step: this.frame.step };
    this.onState(this.state);
  }

  onPlaying(yes) {
    this.element.classList.toggle("lab-is-playing", yes);
    this.playbar.playing(yes);
  }

  fit() {
    this.regions.forEach(({ surface }) => surface.fit());
    this.layers.forEach((layers) => layers.fit());
    this.chart.surface.fit();
    this.paint();
  }

  complain(problems) {
    const lines = problems.map(({ message }) => make("p", {}, message));
    this.notices.replaceChildren(...lines);
  }

  /** How far each preset has to run for its sentence to be true. */
  get presetSteps() {
    return Object.fromEntries(Object.entries(BY_NAME).map(([name, { steps }]) => [name, steps]));
  }

  destroy() {
    this.trainer.destroy();
    this.narrator.destroy();
    this.observer.disconnect();
    this.stopTheme();
    this.element.replaceChildren();
  }
}

/** Put a lab into an element; returns it, with `destroy` to end it. */
export const mount = (element, options) => new Lab(element, options);
