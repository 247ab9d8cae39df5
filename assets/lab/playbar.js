// Play, pause, one step, back to step 0, speed, and a scrubber over the steps taken.

import { make, newId, write } from "./dom.js";
import { SPEEDS } from "./state.js";

const ICONS = {
  rewind: "M6 5v14M19 5 9 12l10 7z",
  back: "M15 5 5 12l10 7zM19 5v14",
  play: "M7 4.5v15l12-7.5z",
  pause: "M8 5v14M16 5v14",
  step: "M9 5l10 7-10 7zM5 5v14",
};
const SPEED_WORDS = {
  "1": "1 step a second", "4": "4 a second", "20": "20 a second", "100": "100 a second",
  "500": "500 a second", most: "as fast as it goes",
};

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

export class Playbar {
  /** `onRewind()`, `onBack()`, `onPlay()`, `onStep()`, `onSpeed(speed)`, `onScrub(step)`. */
  constructor({ onRewind, onBack, onPlay, onStep, onSpeed, onScrub }) {
    const button = (name, label, act) =>
      make("button", {
        type: "button", "aria-label": label, title: label, onclick: act, "data-act": name,
      }, icon(name));
    this.rewind = button("rewind", "Rewind to step 0", onRewind);
    this.back = button("back", "One step back", onBack);
    this.play = button("play", "Play", onPlay);
    this.next = button("step", "One step", onStep);
    this.speed = make("select", { id: newId("speed"), onchange: () => onSpeed(this.speed.value) },
      ...Object.keys(SPEEDS).map((key) => make("option", { value: key }, SPEED_WORDS[key])));
    this.scrubber = make("input", {
      type: "range", min: 0, max: 0, step: 1, value: 0, id: newId("scrubber"),
      oninput: () => onScrub(this.scrubber.valueAsNumber),
    });
    this.at = make("output", { for: this.scrubber.id });
    this.element = make("div", { class: "lab-playbar", role: "group", "aria-label": "Training" },
      make("div", { class: "lab-buttons" }, this.rewind, this.back, this.play, this.next),
      make("div", { class: "lab-scrub" },
        make("label", { for: this.scrubber.id }, "step"), this.scrubber, this.at),
      make("div", { class: "lab-speed" },
        make("label", { for: this.speed.id, class: "lab-hidden" }, "speed"), this.speed));
  }

  playing(yes) {
    this.play.replaceChildren(icon(yes ? "pause" : "play"));
    this.play.setAttribute("aria-label", yes ? "Pause" : "Play");
    this.play.title = yes ? "Pause" : "Play";
  }

  show({ step, furthest }, scrubbing) {
    this.scrubber.max = furthest;
    if (!scrubbing) this.scrubber.value = step;
    write(this.at, furthest > step ? `${step} of ${furthest}` : String(step));
  }
}
