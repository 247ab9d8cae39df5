// Initializers, those of the package (code/initlab/initializers.py): recipes for a layer's first
// weights or biases. One general law, varianceScaling, and the named schemes as its special cases.
//
// A recipe is written { name, ...parameters }, e.g. { name: "normal", std: 0.5 }; `initializer`
// checks it and returns draw(fanIn, fanOut, rng, out), which fills `out`, fan_in x fan_out row by
// row (column j holds the incoming weights of unit j). Biases are drawn as one row, fan_in 1.

import { choose, number } from "./checks.js";
import { orthonormalColumns } from "./orthogonal.js";

const fill = (value) => (fanIn, fanOut, rng, out) => {
  out.fill(value);
};

const normal = (stdOf) => (fanIn, fanOut, rng, out) => {
  const std = stdOf(fanIn, fanOut);
  rng.fillNormal(out);
  for (let i = 0; i < out.length; i += 1) out[i] *= std;
};

const uniform = (boundOf) => (fanIn, fanOut, rng, out) => {
  const bound = boundOf(fanIn, fanOut);
  for (let i = 0; i < out.length; i += 1) out[i] = bound * (2 * rng.uniform() - 1);
};

// A uniform variable on [-bound, bound] has variance bound**2 / 3.
const DISTRIBUTIONS = {
  normal,
  uniform: (stdOf) => uniform((fanIn, fanOut) => Math.sqrt(3) * stdOf(fanIn, fanOut)),
};

const MODES = {
  fan_in: (fanIn) => fanIn,
  fan_avg: (fanIn, fanOut) => (fanIn + fanOut) / 2,
};

/** Entries with mean 0 and variance scale / fan: every named scheme is one of these. */
const varianceScaling = (scale, mode, distribution) => {
  const fan = MODES[mode];
  return DISTRIBUTIONS[distribution]((fanIn, fanOut) => Math.sqrt(scale / fan(fanIn, fanOut)));
};

// Drawn whole and then cut, so that the fans, and with them the std, stay true.
const equalColumns = (base) => (fanIn, fanOut, rng, out) => {
  base(fanIn, fanOut, rng, out);
  for (let i = 0; i < fanIn; i += 1) out.fill(out[i * fanOut], i * fanOut, (i + 1) * fanOut);
};

// The shorter side is orthonormal, times gain (Saxe et al. 2014).
const orthogonal = (gain) => (fanIn, fanOut, rng, out) => {
  const rows = Math.max(fanIn, fanOut);
  const columns = Math.min(fanIn, fanOut);
  const tall = new Float64Array(rows * columns);
  rng.fillNormal(tall);
  orthonormalColumns(tall, rows, columns);
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < columns; c += 1) {
      out[fanIn >= fanOut ? r * columns + c : c * rows + r] = gain * tall[r * columns + c];
    }
  }
};

/** By the package's names; each takes the checked parameters it names and makes a `draw`. */
export const INITIALIZERS = {
  zeros: { parameters: {}, make: () => fill(0) },
  constant: { parameters: { value: {} }, make: ({ value }) => fill(value) },
  equal_columns: { parameters: { base: null }, make: ({ base }) => equalColumns(initializer(base)) },
  normal: { parameters: { std: { atLeast: 0 } }, make: ({ std }) => normal(() => std) },
  uniform: { parameters: { bound: { atLeast: 0 } }, make: ({ bound }) => uniform(() => bound) },
  lecun_normal: { parameters: {}, make: () => varianceScaling(1, "fan_in", "normal") },
  lecun_uniform: { parameters: {}, make: () => varianceScaling(1, "fan_in", "uniform") },
  glorot_normal: { parameters: {}, make: () => varianceScaling(1, "fan_avg", "normal") },
  glorot_uniform: { parameters: {}, make: () => varianceScaling(1, "fan_avg", "uniform") },
  he_normal: { parameters: {}, make: () => varianceScaling(2, "fan_in", "normal") },
  he_uniform: { parameters: {}, make: () => varianceScaling(2, "fan_in", "uniform") },
  orthogonal: { parameters: { gain: { atLeast: 0 } }, make: ({ gain }) => orthogonal(gain) },
};

const { equal_columns: _, ...BASES } = INITIALIZERS;
const { zeros, constant, normal: gaussian, uniform: even } = INITIALIZERS;

/** What biases may be drawn from: the recipes that need no fans. */
export const BIAS_INITIALIZERS = { zeros, constant, normal: gaussian, uniform: even };

const DEFAULT_GAIN = 1;

/** A recipe, checked, with nothing but what it needs. Throws RangeError in the package's words. */
export function checkRecipe(recipe, registry = INITIALIZERS) {
  const { parameters } = choose(registry, recipe?.name, "initializer");
  const checked = { name: recipe.name };
  for (const key of Object.keys(recipe)) {
    if (key !== "name") choose(parameters, key, `parameter of ${recipe.name}`);
  }
  for (const [key, limits] of Object.entries(parameters)) {
    if (key === "base") checked.base = checkRecipe(recipe.base, BASES);
    else checked[key] = number(key === "gain" ? recipe.gain ?? DEFAULT_GAIN : recipe[key], key, limits);
  }
  return checked;
}

/** The `draw` of a recipe. */
export function initializer(recipe) {
  return INITIALIZERS[recipe.name].make(checkRecipe(recipe));
}
