// The layers of one network as a table, the last layer on top: lamp, histogram of activations, sizes
// of delta and of the gradient on a logarithmic axis, flat and dead shares, different units.
// Pointing at a row, tapping it, or focusing its button, writes out its numbers.

import { CIRCLE, DIAMOND, Surface, mark } from "./canvas.js";
import { make, write } from "./dom.js";
import { BINS } from "./measures.js";
import { percent, place, power, short, ticks } from "./scale.js";

const GUTTER = 16; // px on the left of the axis, where exact zeros are
const EDGE = 7; // px on the right
const KINDS = [["rms_delta", CIRCLE, 0.3], ["rms_grad_W", DIAMOND, 0.7]];

const HEADINGS = [
  ["layer", "layer"],
  ["activations", "wide activations"],
  ["sizes", "wide"],
  ["saturated", "number"],
  ["dead", "number dead"],
  ["units", "number"],
];

/** How many powers of ten have room below an axis. */
const marksOf = (width) => Math.max(2, Math.floor((width - GUTTER) / 34));

/** Headings that a phone has no room for. */
const SHORT = { saturated: "flat" };
const BROKEN = { activations: "activ\u00adations" }; // where there is no other way

export class Layers {
  constructor(name, color) {
    this.name = name;
    this.color = color;
    this.axis = make("canvas", { class: "lab-axis", "aria-hidden": "true" });
    this.axisSurface = new Surface(this.axis);
    const headings = HEADINGS.map(([text, kind]) =>
      make("th", { scope: "col", class: kind }, this.heading(text),
        text in SHORT ? make("span", { class: "lab-short", "aria-hidden": "true" }, SHORT[text]) : null));
    headings[2].append(this.axis);
    this.body = make("tbody");
    this.caption = make("caption", { class: "lab-hidden" });
    this.table = make("table", {}, this.caption, make("thead", {}, make("tr", {}, ...headings)), this.body);
    this.words = make("p", { class: "lab-readout" });
    this.element = make("div", { class: "lab-layers" }, this.table, this.words);
    this.rows = [];
    this.chosen = null;
  }

  heading(text) {
    if (text !== "sizes") return make("span", {}, BROKEN[text] ?? text);
    return make("span", { class: "lab-legend" },
      make("span", {}, "● δ"), " ", make("span", {}, "◆ ∂L/∂W"));
  }

  /** Rows for a network of these sizes: [2, 8, 8, 1] has three layers. */
  describe(sizes, activation) {
    this.sizes = sizes;
    this.element.classList.toggle("lab-no-dead", activation !== "relu");
    this.chosen = null;
    const depth = sizes.length - 1;
    this.rows = Array.from({ length: depth }, (_, l) => this.row(l));
    this.body.replaceChildren(...this.rows.map((row) => row.element).reverse());
    write(this.caption, `Layers of the ${this.name} network, the last one on top`);
  }

  row(l) {
    const lamp = make("span", { class: "lab-lamp", "aria-hidden": "true" });
    const since = make("small");
    const choose = () => this.choose(l);
    const button = make("button", { type: "button", onfocus: choose },
      lamp, make("span", {}, make("span", { class: "lab-word" }, "layer "), String(l + 1)), since);
    const histogram = make("canvas", { "aria-hidden": "true" });
    const sizes = make("canvas", { "aria-hidden": "true" });
    const spoken = make("span", { class: "lab-hidden" });
    const [flat, dead, units] = ["number", "number dead", "number"].map((kind) => make("td", { class: kind }));
    // A finger leaves before it clicks: what it tapped stays chosen.
    const leave = () => this.choose(null);
    const element = make("tr", { onpointerenter: choose, onpointerleave: leave, onclick: choose },
      make("th", { scope: "row" }, button),
      make("td", {}, histogram),
      make("td", {}, sizes, spoken),
      flat, dead, units);
    return {
      element, lamp, since, flat, dead, units, spoken,
      histogram: new Surface(histogram), sizes: new Surface(sizes),
    };
  }

  choose(l) {
    this.chosen = l;
    this.tell();
  }

  fit() {
    this.axisSurface.fit();
    for (const row of this.rows) {
      row.histogram.fit();
      row.sizes.fit();
    }
  }

  draw(side, range, colors) {
    this.side = side;
    if (this.rows.length && !this.rows[0].sizes.width) this.fit();
    this.drawAxis(range, colors);
    this.rows.forEach((row, l) => {
      const lit = side.lit[l] > 0 && side.lit[l] <= side.step;
      row.lamp.classList.toggle("lit", lit);
      write(row.since, lit ? `lit at ${side.lit[l]}` : "dark");
      write(row.flat, percent(side.saturated[l]));
      write(row.dead, percent(side.dead[l]));
      write(row.units, this.unitsOf(l));
      this.drawHistogram(row.histogram, side, l, colors);
      this.drawSizes(row.sizes, side, l, range, colors);
    });
    this.tell();
  }

  unitsOf(l) {
    const { distinct, distinct_rounded: rounded } = this.side;
    if (l >= distinct.length) return "–";
    const exact = distinct[l] === rounded[l] ? "" : "*";
    return `${rounded[l]}${exact}/${this.sizes[l + 1]}`;
  }

  drawAxis(range, colors) {
    const context = this.axisSurface.clear();
    const { width, height } = this.axisSurface;
    context.font = "11px system-ui, sans-serif";
    context.fillStyle = colors.muted;
    context.textAlign = "center";
    let free = width; // where the label on the right begins
    for (const exponent of ticks(range, marksOf(width))) {
      const words = exponent === 0 ? "1" : power(exponent);
      const half = context.measureText(words).width / 2;
      const x = Math.min(this.x(10 ** exponent, range, width), width - half);
      if (x + half > free || x - half < GUTTER + 2) continue; // no room
      context.fillText(words, x, height - 3);
      free = x - half - 4;
    }
    context.fillText("0", GUTTER / 2, height - 3);
  }

  x(value, range, width) {
    return GUTTER + 4 + place(value, range) * (width - GUTTER - 4 - EDGE);
  }

  drawHistogram({ context, width, height }, side, l, colors) {
    context.clearRect(0, 0, width, height);
    const zero = -side.low[l] / (side.high[l] - side.low[l]); // where 0 is, as a share of the width
    context.fillStyle = colors.grid;
    if (zero >= 0 && zero <= 1) context.fillRect(Math.round(zero * (width - 1)), 0, 1, height);
    let most = 1;
    for (let bin = 0; bin < BINS; bin += 1) most = Math.max(most, side.histogram[l * BINS + bin]);
    context.fillStyle = colors[this.color];
    const step = width / BINS;
    for (let bin = 0; bin < BINS; bin += 1) {
      const count = side.histogram[l * BINS + bin];
      if (!count) continue;
      const tall = Math.max(1, (count / most) * (height - 3));
      context.fillRect(bin * step, height - 1 - tall, Math.max(step - 0.6, 0.8), tall);
    }
    context.fillStyle = colors.muted;
    context.fillRect(0, height - 1, width, 1);
  }

  drawSizes({ context, width, height }, side, l, range, colors) {
    context.clearRect(0, 0, width, height);
    context.fillStyle = colors.grid;
    for (const exponent of ticks(range, marksOf(width))) {
      context.fillRect(Math.round(this.x(10 ** exponent, range, width)), 0, 1, height);
    }
    context.fillRect(GUTTER, 0, 1, height);
    for (const [name, kind, level] of KINDS) {
      const value = side[name][l];
      if (Number.isNaN(value)) continue;
      const y = Math.round(level * height);
      if (value === 0) {
        context.lineWidth = 1.4;
        context.strokeStyle = colors.muted;
        mark(context, kind, GUTTER / 2, y, 3.4);
        context.stroke();
        continue;
      }
      const x = this.x(value, range, width);
      context.fillStyle = colors[this.color];
      context.globalAlpha = 0.35;
      context.fillRect(GUTTER + 1, y - 1, x - GUTTER - 1, 2);
      context.globalAlpha = 1;
      mark(context, kind, x, y, 4);
      context.fill();
    }
  }

  sentence(l) {
    const { side } = this;
    const parts = [
      `layer ${l + 1}: rms of activations ${short(side.rms_h[l])}, ` +
        `drawn from ${short(side.low[l])} to ${short(side.high[l])}`,
      `δ ${short(side.rms_delta[l])}`,
      `∂L/∂W ${short(side.rms_grad_W[l])}`,
    ];
    if (l < side.distinct.length && side.distinct[l] !== side.distinct_rounded[l]) {
      parts.push(`* ${side.distinct[l]} units to the last bit`);
    }
    return parts.join(" · ");
  }

  tell() {
    if (!this.side) return;
    if (this.chosen !== null) return write(this.words, this.sentence(this.chosen));
    const torn = this.side.distinct.findIndex((exact, l) => exact !== this.side.distinct_rounded[l]);
    write(this.words, torn < 0
      ? "point at a layer, or tap it, for its numbers"
      : `* differ by rounding alone: ${this.side.distinct[torn]} units to the last bit`);
  }

  /** The numbers of the drawings, for those who hear the table; not at every frame. */
  describeAloud() {
    this.rows.forEach((row, l) => write(
      row.spoken,
      `δ ${short(this.side.rms_delta[l])}, gradient ${short(this.side.rms_grad_W[l])}, ` +
        `activations ${short(this.side.rms_h[l])}`));
  }
}
