// Decision regions: the plane in the colors of the classes, the stronger the surer the network is,
// with the samples on top, and the shares at the point under the pointer or where arrow keys led.

import { CIRCLE, GLYPHS, Surface, mark, rgb } from "./canvas.js";
import { make, write } from "./dom.js";
import { GRID } from "./plane.js";
import { percent } from "./scale.js";

const CLASS_COLORS = ["blue", "orange", "green", "pink", "muted"];
const DEPTH = 0.62; // how far a color goes from the paper where the network is sure
const EDGE = 0.5 / GRID; // the middle of the outermost cells, as a share of the plane
const STRIDE = 1 / 22; // what an arrow key moves
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Regions {
  constructor(name) {
    this.name = name;
    this.canvas = make("canvas", { class: "lab-plane", role: "img", tabindex: "0" });
    this.words = make("p", { class: "lab-readout" });
    this.element = make("div", { class: "lab-regions" }, this.canvas, this.words);
    this.surface = new Surface(this.canvas);
    this.grid = new OffscreenCanvas(GRID, GRID);
    this.gridContext = this.grid.getContext("2d");
    this.pixels = this.gridContext.createImageData(GRID, GRID);
    this.pointer = null;
    this.canvas.addEventListener("pointermove", (event) => this.look(event));
    this.canvas.addEventListener("pointerdown", (event) => this.look(event));
    this.canvas.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType !== "touch") this.point(null); // a finger hides what it points at
    });
    this.canvas.addEventListener("keydown", (event) => this.walk(event));
    this.canvas.addEventListener("blur", () => this.point(null));
  }

  /** What stays: the samples and their window. */
  describe({ inputs, labels, classes, window }) {
    Object.assign(this, { inputs, labels, classes, window });
  }

  draw(side, colors) {
    if (side !== this.side) this.words.removeAttribute("aria-live"); // frames are not read out
    this.side = side;
    this.colors = colors;
    if (!this.surface.width && !this.surface.fit()) return;
    const context = this.surface.clear();
    const { width, height } = this.surface;
    this.paint(side.shares, colors);
    context.imageSmoothingEnabled = true;
    context.drawImage(this.grid, 0, 0, width, height);
    const { left, top, size } = this.window;
    const radius = this.labels.length > 8 ? 2.3 : 6;
    context.lineWidth = 0.8;
    context.strokeStyle = colors.paper;
    for (let i = 0; i < this.labels.length; i += 1) {
      const x = ((this.inputs[2 * i] - left) / size) * width;
      const y = ((top - this.inputs[2 * i + 1]) / size) * height;
      mark(context, this.labels[i], x, y, radius);
      context.fillStyle = colors[CLASS_COLORS[this.labels[i]]];
      context.fill();
      context.stroke();
    }
    if (this.pointer) {
      context.strokeStyle = colors.ink;
      context.lineWidth = 1.6;
      mark(context, CIRCLE, this.pointer[0] * width, this.pointer[1] * height, 6);
      context.stroke();
    }
    this.tell();
  }

  paint(shares, colors) {
    const { data } = this.pixels;
    const paper = rgb(colors.paper);
    const tints = CLASS_COLORS.slice(0, this.classes).map((name) => rgb(colors[name]));
    const guess = 1 / this.classes; // no color: the network does not know
    for (let point = 0; point < GRID * GRID; point += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        let value = paper[channel];
        for (let c = 0; c < this.classes; c += 1) {
          const sure = (shares[point * this.classes + c] - guess) / (1 - guess);
          if (sure > 0) value += DEPTH * sure * (tints[c][channel] - paper[channel]);
        }
        data[4 * point + channel] = value;
      }
      data[4 * point + 3] = 255;
    }
    this.gridContext.putImageData(this.pixels, 0, 0);
  }

  look(event) {
    this.point([event.offsetX / this.surface.width, event.offsetY / this.surface.height]);
  }

  walk(event) {
    const move = ARROWS[event.key];
    if (!move) return;
    event.preventDefault();
    this.words.setAttribute("aria-live", "polite");
    const from = this.pointer ?? [0.5, 0.5];
    this.point(from.map((part, i) => Math.min(Math.max(part + STRIDE * move[i], EDGE), 1 - EDGE)));
  }

  point(at) {
    this.pointer = at;
    if (this.side) this.draw(this.side, this.colors);
  }

  /** In words: the accuracy, or the shares under the pointer. */
  tell() {
    if (!this.side) return;
    if (!this.pointer) {
      write(this.words, `${percent(this.side.accuracy)} of the samples right`);
      return;
    }
    const [x, y] = this.pointer.map((part) => Math.min(Math.max(Math.floor(part * GRID), 0), GRID - 1));
    const first = (y * GRID + x) * this.classes;
    const shares = Array.from({ length: this.classes }, (_, c) =>
      `${GLYPHS[c]} ${percent(this.side.shares[first + c])}`);
    const { left, top, size } = this.window;
    const at = [left + this.pointer[0] * size, top - this.pointer[1] * size].map((v) => v.toFixed(2));
    write(this.words, `at (${at.join(", ")}): ${shares.join(", ")}`);
  }

  /** The words that stand for the drawing; not at every frame. */
  describeAloud(step) {
    this.canvas.setAttribute(
      "aria-label",
      `Decision regions of the ${this.name} network at step ${step}: ` +
        `${percent(this.side.accuracy)} of the samples right. Arrow keys read the shares at a point.`,
    );
  }
}
