// How settings and values are called on the page.

import { writeRecipe } from "./recipes.js";

export const LABELS = {
  data: "data",
  n_samples: "samples",
  n_classes: "classes",
  noise: "noise",
  low: "lower input",
  depth: "depth",
  width: "width",
  activation: "activation",
  loss: "loss",
  weights: "weights",
  biases: "biases",
  learning_rate: "learning rate",
  batch_size: "batch",
  sum: "sums",
  seed: "seed",
};

const VALUES = {
  xor: "XOR",
  two_moons: "two moons",
  circles: "circles",
  spirals: "spirals",
  relu: "ReLU",
  elu: "ELU",
  gelu: "GELU",
  silu: "SiLU",
  leaky_relu: "leaky ReLU",
  squared_error: "squared error",
  softmax_cross_entropy: "softmax cross-entropy",
  binary_cross_entropy: "binary cross-entropy",
  ordered: "in one order",
  edge_backwards: "edge backward",
  zeros: "zeros",
  constant: "constant",
  equal_columns: "one shared vector",
  lecun_normal: "LeCun, normal",
  lecun_uniform: "LeCun, uniform",
  glorot_normal: "Glorot, normal",
  glorot_uniform: "Glorot, uniform",
  he_normal: "He, normal",
  he_uniform: "He, uniform",
};

const SIDES = ["left", "right"];

/** What is said of each network, with its name where there are two. */
export const named = (said) =>
  (said.length > 1 ? said.map((words, i) => `${SIDES[i]} ${words}`) : said).join(", ");

/** A name of a registry, for readers. */
export const nameOf = (key) => VALUES[key] ?? key;

/** A value of a setting, for readers. */
export function valueOf(setting, value) {
  if (setting === "weights" || setting === "biases") {
    const [name, inner] = writeRecipe(value).split(/\((.*)\)/);
    return inner === undefined ? nameOf(name) : `${nameOf(name)} (${nameOf(inner)})`;
  }
  if (setting === "batch_size") return value === null ? "all samples" : String(value);
  return nameOf(String(value));
}
