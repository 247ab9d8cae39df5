// What has happened, in words: lamps that lit, losses that are no longer finite, pauses. Spoken
// politely and not too often; between two sentences the newest news wins.

import { write } from "./dom.js";
import { short } from "./scale.js";

const GAP = 1500; // ms between two sentences

const SIDES = ["left", "right"];

/** News between two frames of the same networks, as a sentence; "" for none. */
export function news(before, frame) {
  const found = [];
  frame.sides.forEach((side, i) => {
    const known = before?.sides[i];
    const name = frame.sides.length > 1 ? `${SIDES[i]}: ` : "";
    const fresh = [...side.lit].flatMap((step, l) => {
      const new_ = step > 0 && step <= side.step && !(known && known.lit[l] === step && step <= known.step);
      return new_ ? [l + 1] : [];
    });
    if (fresh.length > 1 && fresh.length === side.lit.length) found.push(`${name}all layers lit`);
    else if (fresh.length) found.push(`${name}layer ${fresh.join(" and ")} lit`);
    if (side.diverged !== null && known?.diverged === null) {
      found.push(`${name}the loss is no longer a number after step ${side.diverged}`);
    }
  });
  return found.length ? `Step ${frame.step}: ${found.join("; ")}.` : "";
}

/** Where training stands. */
export function standing(frame) {
  const losses = frame.sides.map((side, i) =>
    `${frame.sides.length > 1 ? `${SIDES[i]} ` : ""}${short(side.loss)}`);
  return `Step ${frame.step}. Loss: ${losses.join(", ")}.`;
}

export class Narrator {
  constructor(element) {
    this.element = element;
    this.last = -Infinity;
    this.timer = null;
  }

  say(text) {
    if (!text) return;
    clearTimeout(this.timer);
    const wait = Math.max(0, this.last + GAP - performance.now());
    this.timer = setTimeout(() => {
      this.last = performance.now();
      write(this.element, text);
    }, wait);
  }

  destroy() {
    clearTimeout(this.timer);
  }
}
