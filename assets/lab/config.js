// The settings of a run: their names, defaults and limits, and what is said of bad ones.

import { ACTIVATIONS } from "./activations.js";
import { choose, number, repr, whole } from "./checks.js";
import { DATA } from "./data.js";
import { BIAS_INITIALIZERS, INITIALIZERS, checkRecipe } from "./initializers.js";
import { LOSSES } from "./losses.js";

/** How matrix products add up: see matmul.js. */
export const SUMS = { ordered: false, edge_backwards: true };

export const LIMITS = {
  n_samples: { atLeast: 8, atMost: 1024 },
  noise: { atLeast: 0 },
  low: { below: 1 },
  depth: { atLeast: 1, atMost: 8 },
  width: { atLeast: 1, atMost: 32 },
  learning_rate: { atLeast: 0 },
  seed: { atLeast: 0, atMost: 2 ** 32 - 1 },
};

const DEFAULTS = {
  data: "two_moons",
  n_samples: 256,
  n_classes: 2,
  noise: 0.1,
  low: 0,
  depth: 3,
  width: 8,
  activation: "tanh",
  loss: "binary_cross_entropy",
  weights: Object.freeze({ name: "glorot_uniform" }),
  biases: Object.freeze({ name: "zeros" }),
  learning_rate: 0.1,
  batch_size: null, // null: the full batch
  sum: "ordered",
  seed: 1,
};

const name = (registry, what) => (value) => {
  choose(registry, value, what);
  return value;
};

const within = (check, key) => (value) => check(value, key, LIMITS[key]);

/** How many samples a data set of these settings has: XOR is four points. */
export const samplesOf = (config) => (config.data === "xor" ? 4 : config.n_samples);

function batchSize(value, config) {
  if (value === null) return null;
  whole(value, "batch_size");
  const most = samplesOf(config);
  if (value > most) {
    throw new RangeError(`batch_size must be at most the ${most} samples, got ${repr(value)}`);
  }
  return value;
}

// In an order in which each may look at those before it.
const CHECKS = {
  data: name(DATA, "data"),
  n_samples: within(whole, "n_samples"),
  n_classes: (value, config) => whole(value, "n_classes", DATA[config.data].classes),
  noise: within(number, "noise"),
  low: within(number, "low"),
  depth: within(whole, "depth"),
  width: within(whole, "width"),
  activation: name(ACTIVATIONS, "activation"),
  loss: name(LOSSES, "loss"),
  weights: (value) => Object.freeze(checkRecipe(value, INITIALIZERS)),
  biases: (value) => Object.freeze(checkRecipe(value, BIAS_INITIALIZERS)),
  learning_rate: within(number, "learning_rate"),
  batch_size: batchSize,
  sum: name(SUMS, "sum"),
  seed: within(whole, "seed"),
};

/** The settings in force where none is given; a new object at every call. */
export const defaults = () => ({ ...DEFAULTS });

/** All settings, checked, defaults filled in. Throws a RangeError at the first bad one. */
export function check(given = {}) {
  for (const key of Object.keys(given)) choose(CHECKS, key, "setting");
  const config = {};
  for (const key of Object.keys(CHECKS)) {
    config[key] = CHECKS[key](given[key] === undefined ? DEFAULTS[key] : given[key], config);
  }
  return Object.freeze(config);
}

/**
 * What can be saved of settings from outside: { config, problems }. Each bad setting gives way to
 * its default and to a problem { setting, message }.
 */
export function repair(given) {
  const problems = [];
  const config = {};
  const tell = (setting, act) => {
    try {
      act();
    } catch (error) {
      problems.push({ setting, message: error.message });
    }
  };
  const asked = typeof given === "object" && given !== null ? given : {};
  for (const key of Object.keys(asked)) tell(key, () => choose(CHECKS, key, "setting"));
  for (const key of Object.keys(CHECKS)) {
    config[key] = DEFAULTS[key];
    if (Object.hasOwn(asked, key) && asked[key] !== undefined) {
      tell(key, () => { config[key] = CHECKS[key](asked[key], config); });
    }
  }
  return { config: check(config), problems };
}
