// Functions that Math lacks, each in a form that neither overflows nor cancels.

const SERIES_END = 2.5; // from here on the continued fraction needs fewer terms than the series

/** The error function, to a few units in the last place. */
export function erf(x) {
  const size = Math.abs(x);
  if (Number.isNaN(x)) return NaN;
  const value = size < SERIES_END ? series(size) : 1 - tail(size);
  return x < 0 ? -value : value;
}

// exp(-x^2) * sum of 2^n x^(2n+1) / (2n+1)!!, all terms positive (DLMF 7.6.2).
function series(x) {
  const square = 2 * x * x;
  let term = x;
  let sum = x;
  for (let n = 3; term > 1e-17 * sum; n += 2) {
    term *= square / n;
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

// erfc(x) = exp(-x^2) / sqrt(pi) / (x + 1/2 / (x + 1 / (x + 3/2 / (x + ...)))) (DLMF 7.9.1).
function tail(x) {
  if (x > 6) return 0; // below half a unit in the last place of 1
  let fraction = x;
  for (let n = 60; n > 0; n -= 1) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}

// tanh(a + r) = tanh(a) + (1 - tanh(a)^2) t / (1 + tanh(a) t) with t = tanh(r): a is the nearest of
// GRID points a unit, r so small that four terms of its series are exact. Twice to four times as
// fast as Math.tanh, in which training would spend most of its time.
const GRID = 64;
const FLAT = 20; // from here on tanh rounds to 1
const KNOTS = Float64Array.from({ length: FLAT * GRID + 1 }, (_, k) => Math.tanh(k / GRID));
const SLOPES = KNOTS.map((_, k) => Math.cosh(k / GRID) ** -2);

/** The hyperbolic tangent, to two units in the last place. */
export function tanh(x) {
  const size = Math.abs(x);
  if (!(size < FLAT)) return Math.sign(x);
  const k = (size * GRID + 0.5) | 0;
  const r = size - k / GRID;
  const s = r * r;
  const t = r * (1 - s * (1 / 3 - s * (2 / 15 - s * (17 / 315))));
  const value = KNOTS[k] + (SLOPES[k] * t) / (1 + KNOTS[k] * t);
  return x < 0 ? -value : value;
}

/** log(1 + exp(x)) for every finite x. */
export function softplus(x) {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** 1 / (1 + exp(-x)) for every x. */
export function sigmoid(x) {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}
