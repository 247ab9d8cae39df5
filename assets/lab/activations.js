// Activation functions and their derivatives, those of the package (code/initlab/activations.py).
//
// Each takes preactivations z and fills h with phi(z) and slope with phi'(z), `count` entries of
// typed arrays. The derivative is the package's formula of z; both come from one evaluation of the
// exponential. At a kink it is the derivative from the left: relu'(0) = 0.

import * as special from "./special.js";

const NEGATIVE_SLOPE = 0.01; // of leaky_relu, the package's default

function identity(z, h, slope, count) {
  for (let i = 0; i < count; i += 1) {
    h[i] = z[i];
    slope[i] = 1;
  }
}

function logistic(z, h, slope, count) {
  for (let i = 0; i < count; i += 1) {
    const s = special.sigmoid(z[i]);
    h[i] = s;
    slope[i] = s * (1 - s);
  }
}

function tanh(z, h, slope, count) {
  for (let i = 0; i < count; i += 1) {
    const t = special.tanh(z[i]);
    h[i] = t;
    slope[i] = 1 - t * t;
  }
}

function relu(z, h, slope, count) {
  for (let i = 0; i < count; i += 1) {
    const x = z[i];
    h[i] = x > 0 ? x : 0 * x; // 0 * x keeps NaN what it is
    slope[i] = x > 0 ? 1 : 0;
  }
}

function elu(z, h, slope, count) {
  for (let i = 0; i < count; i += 1) {
    const x = z[i];
    h[i] = x > 0 ? x : Math.expm1(x);
    slope[i] = x > 0 ? 1 : Math.exp(x);
  }
}

function rectifierSmoothed(z, h, slope, count) {
  for (let i = 0; i < count; i += 1) {
    h[i] = special.softplus(z[i]);
    slope[i] = special.sigmoid(z[i]);
  }
}

// z * Phi(z), the exact form (Hendrycks & Gimpel 2016).
function gelu(z, h, slope, count) {
  for (let i = 0; i < count; i += 1) {
    const x = z[i];
    const twice = 1 + special.erf(x / Math.SQRT2);
    h[i] = (x * twice) / 2;
    slope[i] = twice / 2 + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
  }
}

function silu(z, h, slope, count) {
  for (let i = 0; i < count; i += 1) {
    const x = z[i];
    const s = special.sigmoid(x);
    h[i] = x * s;
    slope[i] = s * (1 + x * (1 - s));
  }
}

function leakyRelu(z, h, slope, count) {
  for (let i = 0; i < count; i += 1) {
    const x = z[i];
    h[i] = x > 0 ? x : NEGATIVE_SLOPE * x;
    slope[i] = x > 0 ? 1 : NEGATIVE_SLOPE;
  }
}

/** By the package's names, in its order. */
export const ACTIVATIONS = {
  identity,
  sigmoid: logistic,
  tanh,
  relu,
  elu,
  softplus: rectifierSmoothed,
  gelu,
  silu,
  leaky_relu: leakyRelu,
};

/** The interval an activation cannot leave, for those that have one on both sides. */
export const RANGES = { sigmoid: [0, 1], tanh: [-1, 1] };
