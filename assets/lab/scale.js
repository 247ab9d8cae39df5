// Logarithmic scales and how numbers are written.

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** 10 to a whole power: 10⁻³. */
export const power = (exponent) =>
  `10${exponent < 0 ? "⁻" : ""}${[...String(Math.abs(exponent))].map((d) => RAISED[d]).join("")}`;

/** A number in few characters: 0, 0.0312, 1.2 × 10⁻⁵; "–" where there is none. */
export function short(value) {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= -3 && exponent < 4) return String(Number(value.toPrecision(3)));
  return `${(value / 10 ** exponent).toFixed(1)} × ${power(exponent)}`;
}

/** A share as whole percents, never 0 or 100 for what is not; "–" where there is none. */
export function percent(share) {
  if (!Number.isFinite(share)) return "–";
  if (share > 0 && share < 0.005) return "<1 %";
  if (share < 1 && share > 0.995) return ">99 %";
  return `${Math.round(100 * share)} %`;
}

/** The range of positive numbers seen so far, in powers of ten; it only grows. */
export class Decades {
  constructor(least) {
    this.least = least; // decades shown at the least
    this.reset();
  }

  reset() {
    this.low = Infinity;
    this.high = -Infinity;
  }

  include(value) {
    if (!(value > 0) || !Number.isFinite(value)) return;
    const exponent = Math.log10(value);
    if (exponent < this.low) this.low = exponent;
    if (exponent > this.high) this.high = exponent;
  }

  /** Whole powers that hold all that was seen: [low, high]. */
  range() {
    if (this.low > this.high) return [-this.least, 0];
    let low = Math.floor(this.low);
    const high = Math.max(Math.ceil(this.high), low + 1);
    low = Math.min(low, high - this.least);
    return [low, high];
  }
}

/** Where a positive value stands between two powers, from 0 to 1; cut off there. */
export const place = (value, [low, high]) =>
  Math.min(Math.max((Math.log10(value) - low) / (high - low), 0), 1);

/** Whole powers in a range, no more than `most`. */
export function ticks([low, high], most) {
  const step = Math.max(1, Math.ceil((high - low) / most));
  const found = [];
  for (let exponent = high; exponent >= low; exponent -= step) found.push(exponent);
  return found;
}
