// The loss of both networks over the steps, on a logarithmic axis, with the loss of guessing.

import { Surface } from "./canvas.js";
import { make, write } from "./dom.js";
import { Decades, place, power, short, ticks } from "./scale.js";
import { named } from "./words.js";

const MARGIN = { left: 40, right: 36, top: 14, bottom: 24 };
const DASHES = [[], [6, 4]]; // the right network's line is broken: told apart without color

/** The loss of guessing every class with probability 1 / K; null where it has no meaning. */
export function guessing({ loss }, classes) {
  if (loss === "softmax_cross_entropy") return { value: Math.log(classes), words: `ln ${classes}` };
  if (loss === "binary_cross_entropy" && classes === 2) return { value: Math.LN2, words: "ln 2" };
  return null;
}

export class LossChart {
  /** `onStep(step)` is called when the reader points to a step and presses. */
  constructor({ onStep }) {
    this.canvas = make("canvas", { class: "lab-loss-canvas", role: "img" });
    this.words = make("p", { class: "lab-readout" });
    this.element = make("div", { class: "lab-loss" },
      make("h2", { class: "lab-panel-title" }, "Loss"), this.canvas, this.words);
    this.surface = new Surface(this.canvas);
    this.decades = new Decades(1);
    this.pointer = null;
    this.canvas.addEventListener("pointermove", (event) => this.look(event.offsetX));
    this.canvas.addEventListener("pointerleave", () => this.look(null));
    this.canvas.addEventListener("click", (event) => onStep(this.stepAt(event.offsetX)));
  }

  describe(settings, classes) {
    this.guess = guessing(settings, classes);
    this.decades.reset();
    this.histories = [];
  }

  draw(frame, colors) {
    frame.sides.forEach((side, i) => {
      if (side.history) this.histories[i] = side.history;
    });
    this.histories.length = frame.sides.length;
    this.frame = frame;
    this.colors = colors;
    if (!this.surface.width && !this.surface.fit()) return;
    this.last = Math.max(frame.furthest, 10);
    this.lines = frame.sides.map((side, i) => this.line(side, this.histories[i]));
    for (const { losses } of this.lines) losses.forEach((loss) => this.decades.include(loss));
    if (this.guess) this.decades.include(this.guess.value);
    this.range = this.decades.range();
    this.paint();
    this.tell();
  }

  /** The recorded steps and the present one, in order. */
  line(side, history) {
    const steps = history ? [...history.steps] : [];
    const losses = history ? [...history.loss] : [];
    const after = steps.findIndex((step) => step >= side.step);
    const at = after < 0 ? steps.length : after;
    if (steps[at] !== side.step) {
      steps.splice(at, 0, side.step);
      losses.splice(at, 0, side.loss);
    }
    return { steps, losses };
  }

  x(step) {
    const { left, right } = MARGIN;
    return left + (step / this.last) * (this.surface.width - left - right);
  }

  y(loss) {
    const { top, bottom } = MARGIN;
    return top + (1 - place(loss, this.range)) * (this.surface.height - top - bottom);
  }

  stepAt(x) {
    const { left, right } = MARGIN;
    const share = (x - left) / (this.surface.width - left - right);
    return Math.round(Math.min(Math.max(share, 0), 1) * this.last);
  }

  paint() {
    const { colors, frame } = this;
    const { width, height } = this.surface;
    const context = this.surface.clear();
    context.font = "12px system-ui, sans-serif";
    context.lineWidth = 1;
    this.axes(context);
    const sideColors = [colors.green, colors.pink];
    this.lines.forEach(({ steps, losses }, i) => {
      context.strokeStyle = sideColors[i];
      context.lineWidth = 2.2;
      context.setLineDash(DASHES[i]);
      context.beginPath();
      let drawing = false;
      steps.forEach((step, k) => {
        if (!Number.isFinite(losses[k])) return;
        const [x, y] = [this.x(step), this.y(Math.max(losses[k], 1e-300))];
        drawing ? context.lineTo(x, y) : context.moveTo(x, y);
        drawing = true;
      });
      context.stroke();
      context.setLineDash([]);
      const { loss, step } = frame.sides[i];
      if (Number.isFinite(loss)) {
        context.fillStyle = sideColors[i];
        context.beginPath();
        context.arc(this.x(step), this.y(Math.max(loss, 1e-300)), 4, 0, 2 * Math.PI);
        context.fill();
      }
    });
    const at = this.pointer === null ? frame.step : this.pointer;
    context.strokeStyle = colors.muted;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(this.x(at), MARGIN.top - 6);
    context.lineTo(this.x(at), height - MARGIN.bottom);
    context.stroke();
    context.fillStyle = colors.muted;
    context.textAlign = "right";
    context.fillText(`step ${this.last}`, width - MARGIN.right, height - 6);
  }

  axes(context) {
    const { colors, range } = this;
    const { width, height } = this.surface;
    context.strokeStyle = colors.grid;
    context.fillStyle = colors.muted;
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const exponent of ticks(range, 5)) {
      const y = this.y(10 ** exponent);
      context.beginPath();
      context.moveTo(MARGIN.left, y);
      context.lineTo(width - MARGIN.right, y);
      context.stroke();
      context.fillText(exponent === 0 ? "1" : power(exponent), MARGIN.left - 6, y);
    }
    if (this.guess) {
      const y = this.y(this.guess.value);
      context.setLineDash([2, 3]);
      context.strokeStyle = colors.muted;
      context.beginPath();
      context.moveTo(MARGIN.left, y);
      context.lineTo(width - MARGIN.right, y);
      context.stroke();
      context.setLineDash([]);
      context.textAlign = "left";
      context.fillText(this.guess.words, width - MARGIN.right + 5, y);
    }
    context.textBaseline = "alphabetic";
    context.textAlign = "left";
    context.fillText("0", MARGIN.left, height - 6);
    context.textAlign = "center";
    const middle = Math.round(this.last / 2);
    context.fillText(String(middle), this.x(middle), height - 6);
  }

  look(x) {
    if (!this.lines) return;
    this.pointer = x === null ? null : this.stepAt(x);
    this.paint();
    this.tell();
  }

  /** The losses at the present step, or at the recorded step nearest to the pointer. */
  tell() {
    const near = this.lines.map(({ steps, losses }, i) => {
      if (this.pointer === null) return [this.frame.sides[i].step, this.frame.sides[i].loss];
      let best = 0;
      steps.forEach((step, k) => {
        if (Math.abs(step - this.pointer) < Math.abs(steps[best] - this.pointer)) best = k;
      });
      return [steps[best], losses[best]];
    });
    const step = Math.max(...near.map(([at]) => at)); // one network may have stopped before
    write(this.words, `step ${step}: ${named(near.map(([, loss]) => short(loss)))}`);
  }

  describeAloud(frame) {
    const words = named(frame.sides.map(({ loss }) => short(loss)));
    const guess = this.guess ? ` Guessing costs ${this.guess.words}, ${short(this.guess.value)}.` : "";
    this.canvas.setAttribute(
      "aria-label", `Training loss, on a logarithmic axis, at step ${frame.step}: ${words}.${guess}`);
  }
}
