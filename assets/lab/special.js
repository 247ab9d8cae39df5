// Functions that Math lacks, each in a form that neither overflows nor cancels.

// Two of them are looked up: at the nearest of GRID points a unit, a, then carried on by a short
// series in r = x - a, exact to the last bit because |r| <= 1 / (2 * GRID). Training would otherwise
// spend most of its time in them.
const GRID = 64;
const knots = (end, valueAt) =>
  Float64Array.from({ length: end * GRID + 1 }, (_, k) => valueAt(k / GRID));

const TANH_END = 20; // from here on tanh rounds to 1
const TANH = knots(TANH_END, Math.tanh);
const TANH_SLOPE = knots(TANH_END, (a) => Math.cosh(a) ** -2);

/** The hyperbolic tangent, to two units in the last place. */
export function tanh(x) {
  const size = Math.abs(x);
  if (!(size < TANH_END)) return Math.sign(x);
  const k = (size * GRID + 0.5) | 0;
  const r = size - k / GRID;
  const s = r * r;
  // tanh(a + r) = tanh(a) + (1 - tanh(a)^2) t / (1 + tanh(a) t) with t = tanh(r).
  const t = r * (1 - s * (1 / 3 - s * (2 / 15 - s * (17 / 315))));
  const value = TANH[k] + (TANH_SLOPE[k] * t) / (1 + TANH[k] * t);
  return x < 0 ? -value : value;
}

const ERF_END = 6; // from here on erf rounds to 1
const ERF = knots(ERF_END, erfOf);
const ERF_SLOPE = knots(ERF_END, (a) => (2 / Math.sqrt(Math.PI)) * Math.exp(-a * a));

// To the last bit, at leisure. Below 1: exp(-a^2) times the sum of 2^n a^(2n+1) / (2n+1)!!, all terms
// positive (DLMF 7.6.2). From 1 on: 1 less exp(-a^2) / sqrt(pi) / (a + 1/2 / (a + 1 / (a + 3/2 / ...
// (DLMF 7.9.1). Both are summed from a term far beyond the last that counts.
function erfOf(a) {
  let inner = a < 1 ? 1 : a;
  for (let n = 400; n > 0; n -= 1) {
    inner = a < 1 ? 1 + (inner * 2 * a * a) / (2 * n + 1) : a + n / 2 / inner;
  }
  const bell = Math.exp(-a * a) / Math.sqrt(Math.PI);
  return a < 1 ? 2 * bell * a * inner : 1 - bell / inner;
}

/** The error function, to two units in the last place. */
export function erf(x) {
  const size = Math.abs(x);
  if (!(size < ERF_END)) return Math.sign(x);
  const k = (size * GRID + 0.5) | 0;
  const a = k / GRID;
  const r = size - a;
  // The derivatives of the slope are Hermite polynomials of a: DLMF 18.5.5.
  const s = 2 * a;
  const h2 = s * s - 2;
  const h3 = s * h2 - 4 * s;
  const h4 = s * h3 - 6 * h2;
  const h5 = s * h4 - 8 * h3;
  const h6 = s * h5 - 10 * h4;
  const later = h3 / 24 - r * (h4 / 120 - r * (h5 / 720 - (r * h6) / 5040));
  const value = ERF[k] + ERF_SLOPE[k] * r * (1 - r * (s / 2 - r * (h2 / 6 - r * later)));
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
