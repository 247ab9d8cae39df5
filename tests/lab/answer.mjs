// Answers to questions about the lab's engine, for tests in Python: node answer.mjs TASK < questions
//
// Questions come as a JSON list; numbers that JSON lacks are written { "number": "NaN" }. Answers
// of a task are Float64Arrays, printed one behind the other, or a JSON list.

import { readFileSync, writeSync } from "node:fs";

import { ACTIVATIONS } from "../../assets/lab/activations.js";
import * as checks from "../../assets/lab/checks.js";
import { check, repair } from "../../assets/lab/config.js";
import { DATA } from "../../assets/lab/data.js";
import { initializer } from "../../assets/lab/initializers.js";
import { LOSSES } from "../../assets/lab/losses.js";
import { Measures } from "../../assets/lab/measures.js";
import { Network } from "../../assets/lab/network.js";
import { Random, splitmix64 } from "../../assets/lab/random.js";

const messageOf = (act) => {
  try {
    act();
  } catch (error) {
    return error instanceof RangeError ? error.message : `${error.name}: ${error.message}`;
  }
  return null;
};

const networkOf = ({ sizes, activation, loss, batches, parameters, edgeBackwards = false }) => {
  const rows = batches[0].inputs.length / sizes[0];
  const network = new Network({ sizes, activation, loss, rows, edgeBackwards });
  network.parameters.set(parameters);
  return network;
};

/** One forward and backward pass on a batch; returns the loss. */
const passes = (network, { inputs, targets }) => {
  network.h[0].set(inputs);
  network.forward(network.rows);
  return network.backward(Float64Array.from(targets), network.rows);
};

const TASKS = {
  /** For each step: the loss, every delta from the first layer up, every gradient. */
  train: (questions) => questions.flatMap((question) => {
    const network = networkOf(question);
    return question.batches.flatMap((batch) => {
      const loss = passes(network, batch);
      const seen = [Float64Array.of(loss), ...network.delta, network.gradients];
      const copies = seen.map((array) => array.slice());
      network.descend(question.learningRate);
      return copies;
    });
  }),

  /** `members` matrices from one stream. */
  draws: (questions) => questions.flatMap(({ recipe, fanIn, fanOut, members, seed }) => {
    const draw = initializer(recipe);
    const rng = Random.stream(seed, "weights");
    return Array.from({ length: members }, () => {
      const out = new Float64Array(fanIn * fanOut);
      draw(fanIn, fanOut, rng, out);
      return out;
    });
  }),

  /** The first `count` uniform numbers of a stream. */
  streams: (questions) => questions.map(({ seed, purpose, layer, count }) => {
    const rng = Random.stream(seed, purpose, layer);
    return Float64Array.from({ length: count }, () => rng.uniform());
  }),

  /** Raw output: words of xoshiro128** from a state, 64-bit numbers of SplitMix64 as text. */
  generators: (questions) => questions.map(({ state, seed, count }) => {
    if (state) {
      const rng = new Random(Uint32Array.from(state));
      return Array.from({ length: count }, () => rng.bits());
    }
    const next = splitmix64(BigInt(seed));
    return Array.from({ length: count }, () => String(next()));
  }),

  /** The function and the derivative. */
  activations: (questions) => questions.flatMap(({ name, z }) => {
    const at = Float64Array.from(z);
    const [h, slope] = [at.slice(), at.slice()];
    ACTIVATIONS[name](at, h, slope, at.length);
    return [h, slope];
  }),

  /** The loss and its gradient. */
  losses: (questions) => questions.flatMap(({ name, outputs, targets, columns }) => {
    const grad = new Float64Array(outputs.length);
    const rows = outputs.length / columns;
    const loss = LOSSES[name](
      Float64Array.from(outputs), Float64Array.from(targets), grad, rows, columns);
    return [Float64Array.of(loss), grad];
  }),

  /** Inputs, then labels. */
  data: (questions) => questions.flatMap(({ settings }) => {
    const config = check(settings);
    const { inputs, labels } = DATA[config.data].make(config, Random.stream(config.seed, "data"));
    return [inputs, Float64Array.from(labels)];
  }),

  /** The tables of measures.js after one pass, in the order of their definition. */
  measures: (questions) => questions.flatMap((question) => {
    const network = networkOf(question);
    passes(network, question.batches[0]);
    const values = new Measures(network, question.activation).take(network.rows);
    return Object.values(values).map((array) => Float64Array.from(array));
  }),

  /** What is said of bad input. */
  words: (questions) => questions.map(({ settings, check: name, value, what, limits }) =>
    messageOf(() => (name ? checks[name](value, what, limits) : check(settings)))),

  /** Checked settings, or what is said of them. */
  settings: (questions) => questions.map((given) => {
    try {
      return check(given);
    } catch (error) {
      return error.message;
    }
  }),

  repr: (questions) => questions.map(checks.repr),

  repair: (questions) => questions.map(repair),
};

const revive = (key, value) => (value?.number === undefined ? value : Number(value.number));
const answers = TASKS[process.argv[2]](JSON.parse(readFileSync(0, "utf8"), revive));
const bytes = answers.every((answer) => answer instanceof Float64Array)
  ? Buffer.concat(answers.map((answer) => Buffer.from(answer.buffer)))
  : Buffer.from(JSON.stringify(answers));
for (let at = 0; at < bytes.length;) at += writeSync(1, bytes, at);
