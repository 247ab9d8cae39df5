// What has happened, in words: lamps that lit, losses that are no longer finite, pauses. Spoken
// politely and not too often; between two sentences the newest news wins.

import { write } from "./dom.js";
import { short } from "./scale.js";
import { named } from "./words.js";

const GAP = 1500; // ms between two sentences

const SIDES = ["left", "right"];

/** Layers whose lamp was lit between two frames, counted from 1. */
function lately(known, side) {
  return [...side.lit].flatMap((step, l) => {
    const seen = known && known.lit[l] === step && step <= known.step;
    return step > 0 && step <= side.step && !seen ? [l + 1] : [];
  });
}

const listed = (layers) =>
  layers.length === 1 ? `layer ${layers[0]}`
    : `layers ${layers.slice(0, -1).join(", ")} and ${layers.at(-1)}`;

/** News between two frames of the same networks, as a sentence; "" for none. */
export function news(before, frame) {
  const found = [];
  frame.sides.forEach((side, i) => {
    const known = before?.sides[i];
    const lit = lately(known, side);
    const parts = [];
    const all = lit.length > 1 && lit.length === side.lit.length;
    if (lit.length) parts.push(`${all ? "all layers" : listed(lit)} lit`);
    if (side.diverged !== null && known?.diverged === null) {
      parts.push(`the loss is not finite at step ${side.diverged}, where training ends`);
    }
    if (parts.length) found.push(`${frame.sides.length > 1 ? `${SIDES[i]}, ` : ""}${parts.join(", ")}`);
  });
  return found.length ? `Step ${frame.step}: ${found.join("; ")}.` : "";
}

/** Where training stands. */
export function standing(frame) {
  const losses = frame.sides.map(({ loss, step, diverged }) =>
    diverged !== null && step >= diverged ? `not finite at step ${diverged}, where training ends` : short(loss));
  return `Step ${frame.step}. Loss: ${named(losses)}.`;
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
