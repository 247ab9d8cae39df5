// Each chapter's central experiment, ready to run. A test in the browser runs every one of them to
// `steps` and holds its sentence to what it finds (tests/site/test_lab_page.py).
//
//   chapter     the page, and the section of it, that tells the story
//   difference  what the right network has instead
//   sentence    what will be seen. Like the title a function of the left network's settings and of
//               the right one's where it tells a number of theirs: none is written twice
//   picture     what the drawing beside it shows: see tools/lab_pictures.mjs

import { defaults } from "./config.js";

const zeros = { name: "zeros" };
const normal = (std) => ({ name: "normal", std });
const constant = (value) => ({ name: "constant", value });
const glorot = { name: "glorot_normal" };
const he = { name: "he_normal" };

const right = (setting, value) => ({ setting, value });

const WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const count = (number) => WORDS[number] ?? String(number);
const capital = (text) => text[0].toUpperCase() + text.slice(1);

export const DRAFTS = [
  {
    name: "equal-units",
    title: ({ width }) => `${capital(count(width))} units, or one in ${count(width)} copies`,
    chapter: "symmetry#sec-digits",
    settings: { weights: constant(0.5), learning_rate: 0.3 },
    difference: right("weights", glorot),
    speed: "100",
    steps: 600,
    sentence: ({ weights, width }) => `Left, every weight starts at ${weights.value}: each hidden ` +
      `layer has one unit in ${count(width)} copies, at the first step and at the last, and a ` +
      `straight cut is all it learns. Right, random weights: ${count(width)} units.`,
    picture: "units",
  },
  {
    name: "one-shared-vector",
    title: "One random vector for every unit",
    chapter: "symmetry#sec-equal-columns",
    settings: { weights: constant(0.5), learning_rate: 0.3 },
    difference: right("weights", { name: "equal_columns", base: glorot }),
    speed: "100",
    steps: 1000,
    sentence: "Right, all units of a layer share one random vector of incoming weights. Their " +
      "outgoing weights differ, so they part at the first step and learn. Left, one number " +
      "everywhere: they never part.",
    picture: "loss",
  },
  {
    name: "round-off",
    title: "Ties that rounding breaks",
    chapter: "symmetry#sec-roundoff",
    settings: { weights: constant(0.3), width: 17, data: "circles", learning_rate: 0.3 },
    difference: right("sum", "edge_backwards"),
    speed: "100",
    steps: 200,
    sentence: "Equal weights in both. Left, every sum is added in one order, and units stay equal to " +
      "the last bit. Right, the columns at the edge of a block are added backward: two kinds " +
      "of units, though only by rounding.",
    picture: "units",
  },
  {
    name: "four-zeros",
    title: "All zero: tanh and the sigmoid",
    chapter: "zero-weights#sec-zero-activation",
    settings: { weights: zeros, batch_size: 16, learning_rate: 0.5 },
    difference: right("activation", "sigmoid"),
    speed: "500",
    steps: 3000,
    sentence: "All weights and biases zero. Left, tanh: no weight ever moves. Right, the sigmoid " +
      "passes on one half, so layers wake from the top down and the network learns, but all " +
      "units of a layer stay one.",
    picture: "loss",
  },
  {
    name: "wavefront",
    title: "A wave from the top",
    chapter: "zero-weights#sec-zero-wavefront",
    settings: { weights: zeros, biases: normal(1), depth: 5, learning_rate: 0.3 },
    difference: right("weights", glorot),
    speed: "1",
    steps: 6,
    sentence: "Left, zero weights and random biases: the first step moves the weights of the last " +
      "layer only, the second those of the one below it, too, and so on down. Right, random " +
      "weights: all lamps light at once.",
    picture: "lamps",
  },
  {
    name: "bias-only",
    title: "Different units on a plateau",
    chapter: "bias-only#sec-bias-plateau",
    settings: {
      data: "circles", n_classes: 3, loss: "softmax_cross_entropy", weights: zeros, biases: normal(1),
      learning_rate: 0.5,
    },
    difference: right("weights", glorot),
    speed: "100",
    steps: 1000,
    sentence: ({ n_classes: classes }) => "Left, only the biases are random. No two units are " +
      `alike, every lamp lights, and the loss still sits at ln ${classes}, that of guessing among ` +
      `${count(classes)} classes, long after the right network, with random weights, has learned.`,
    picture: "loss",
  },
  {
    name: "saturation",
    title: "Saturated from the start",
    chapter: "saturation#sec-sat-gradient",
    settings: { weights: normal(3), depth: 6, width: 32, n_samples: 128, learning_rate: 0.3 },
    difference: right("weights", glorot),
    speed: "100",
    steps: 200,
    sentence: ({ weights }) => `Left, weights of standard deviation ${weights.std}: at step 0 most ` +
      "units behind the first layer are flat, and yet δ grows on its way down. Right, Glorot's " +
      "weights: nothing is flat at step 0, and the loss ends lower.",
    picture: "layers",
  },
  {
    name: "logistic",
    title: "The sigmoid wants larger weights",
    chapter: "saturation#sec-sat-large",
    settings: { weights: glorot, activation: "sigmoid", depth: 4, width: 16, learning_rate: 1 },
    difference: right("weights", normal(1)),
    speed: "100",
    steps: 500,
    sentence: (_, { weights }) => "Never start with large weights? A sigmoid has slope one quarter " +
      "at best. At step 0 Glorot's weights, left, make δ smaller in every layer on its way down; a " +
      `standard deviation of ${weights.std}, right, passes on more, and more is learned in the same ` +
      "steps.",
    picture: "layers",
  },
  {
    name: "vanishing",
    title: "Weights too small",
    chapter: "vanishing-exploding#sec-grad-smallest",
    settings: { weights: normal(0.01), depth: 5, width: 16, learning_rate: 0.3 },
    difference: right("weights", glorot),
    speed: "100",
    steps: 300,
    sentence: ({ weights, n_classes: classes }) => "Left, weights of standard deviation " +
      `${weights.std}: every layer shrinks δ, less than a millionth of it reaches the first, and the ` +
      `loss stays at ln ${classes}. Right, Glorot's weights: δ starts at about one size in all ` +
      "hidden layers.",
    picture: "layers",
  },
  {
    name: "standard-normal",
    title: "Standard normal or Glorot",
    chapter: "vanishing-exploding#sec-grad-standard",
    settings: { weights: normal(1), depth: 8, width: 32, n_samples: 128, learning_rate: 1 },
    difference: right("weights", glorot),
    speed: "100",
    steps: 200,
    sentence: ({ depth, learning_rate: rate }) => `${capital(count(depth))} layers, learning rate ` +
      `${rate}. Left, standard normal weights: at step 0 δ grows from layer to layer on its way ` +
      "down, and the steps overshoot. Right, Glorot's weights learn at the same rate.",
    picture: "loss",
  },
  {
    name: "glorot-he",
    title: "Glorot or He, for deep ReLU",
    chapter: "xavier-he#sec-he-smallest",
    settings: {
      weights: glorot, activation: "relu", depth: 8, width: 32, n_samples: 128, learning_rate: 0.1 },
    difference: right("weights", he),
    speed: "100",
    steps: 100,
    sentence: "ReLU passes on half of what it receives. Left, Glorot's weights do not make up for " +
      "that, and at step 0 the activations shrink layer by layer; right, He's factor of 2 keeps " +
      "them, and learning starts sooner.",
    picture: "activations",
  },
  {
    name: "orthogonal",
    title: "Orthogonal weights",
    chapter: "vanishing-exploding#sec-grad-jacobian",
    settings: {
      weights: { name: "lecun_normal" }, activation: "identity", depth: 8, width: 4, learning_rate: 0.1,
    },
    difference: right("weights", { name: "orthogonal", gain: 1 }),
    speed: "20",
    steps: 20,
    sentence: (_, { weights }) => "A network without curves. At step 0, left, random weights of the " +
      `right variance change δ in every layer; right, orthogonal weights of gain ${weights.gain} ` +
      "carry it through the square layers at exactly its size.",
    picture: "layers",
  },
];

/** A draft with its title and sentence as text. */
export function written(draft) {
  const { setting, value } = draft.difference;
  const left = { ...defaults(), ...draft.settings };
  const text = (told) => (typeof told === "string" ? told : told(left, { ...left, [setting]: value }));
  return { ...draft, title: text(draft.title), sentence: text(draft.sentence) };
}

export const PRESETS = DRAFTS.map(written);

export const BY_NAME = Object.fromEntries(PRESETS.map((preset) => [preset.name, preset]));
