// Each chapter's central experiment, ready to run. A test in the browser runs every one of them to
// `steps` and holds its sentence to what it finds (tests/site/test_lab.py).
//
//   chapter     the page, and the section of it, that tells the story
//   difference  what the right network has instead
//   sentence    what will be seen
//   picture     what the drawing beside it shows: see pictures.js

const zeros = { name: "zeros" };
const normal = (std) => ({ name: "normal", std });
const constant = (value) => ({ name: "constant", value });
const glorot = { name: "glorot_normal" };
const he = { name: "he_normal" };

const right = (setting, value) => ({ setting, value });

export const PRESETS = [
  {
    name: "equal-units",
    title: "Eight units, or one in eight copies",
    chapter: "symmetry#sec-digits",
    settings: { weights: constant(0.5), learning_rate: 0.3 },
    difference: right("weights", glorot),
    speed: "100",
    steps: 600,
    sentence: "Left, every weight starts at 0.5: each hidden layer has one unit in eight copies, at " +
      "the first step and at the last, and a straight cut is all it learns. Right, random " +
      "weights: eight units.",
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
    sentence: "Left, zero weights and random biases: only the last layer has a gradient at step 1, " +
      "the one below it at step 2, and so on down. Right, random weights: all lamps light at " +
      "once.",
    picture: "lamps",
  },
  {
    name: "bias-only",
    title: "Different units that learn nothing",
    chapter: "bias-only#sec-bias-plateau",
    settings: {
      data: "circles", n_classes: 3, loss: "softmax_cross_entropy", weights: zeros, biases: normal(1),
      learning_rate: 0.5,
    },
    difference: right("weights", glorot),
    speed: "100",
    steps: 1000,
    sentence: "Left, only the biases are random. No two units are alike, every lamp is lit, and the " +
      "loss sits at ln 3, that of guessing among three classes. Right, random weights learn.",
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
    sentence: "Left, weights of standard deviation 3: behind the first layer most units are flat, and " +
      "yet the errors grow on their way down. Right, Glorot's weights: nothing is flat, and " +
      "the loss ends lower.",
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
    sentence: "Never start with large weights? A sigmoid has slope one quarter at best. Left, " +
      "Glorot's weights pass ever less error down; right, a standard deviation of 1 passes " +
      "more, and learns more in the same steps.",
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
    sentence: "Left, weights of standard deviation 0.01: every layer shrinks the error, a millionth " +
      "is left of it at the first, and the loss stays at ln 2. Right, Glorot's weights keep " +
      "the error at its size.",
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
    sentence: "Eight layers, learning rate 1. Left, standard normal weights: the errors grow from " +
      "layer to layer on their way down, and the steps overshoot. Right, Glorot's weights " +
      "learn at the same rate.",
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
      "that, and the activations shrink layer by layer; right, He's factor of 2 keeps them, " +
      "and learning starts sooner.",
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
    sentence: "A network without curves. Left, random weights of the right variance change the error " +
      "in every layer; right, orthogonal weights of gain 1 carry it through the square layers " +
      "exactly as it is.",
    picture: "layers",
  },
];

export const BY_NAME = Object.fromEntries(PRESETS.map((preset) => [preset.name, preset]));
