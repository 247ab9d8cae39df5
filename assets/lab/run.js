// A training run: from settings to steps, back to step 0 with the very same weights, and to any step
// between. Knows nothing of pages and workers; the same settings give the same run, step by step.

import { Batches } from "./batches.js";
import { SUMS, check } from "./config.js";
import { DATA } from "./data.js";
import { History } from "./history.js";
import { initializer } from "./initializers.js";
import { Keyframes } from "./keyframes.js";
import { outputsFor, sharesOf, targetsOf } from "./losses.js";
import { Measures, accuracy, rms } from "./measures.js";
import { Network } from "./network.js";
import { Random } from "./random.js";

const PER_LAYER = ["rms_h", "rms_delta", "rms_grad_W"];
const NEVER = 0;

/** Weights and biases drawn for a network, each layer from a stream of its own. */
export function draw(network, { weights, biases, seed }) {
  const drawWeights = initializer(weights);
  const drawBiases = initializer(biases);
  for (let l = 0; l < network.depth; l += 1) {
    const [m, n] = [network.sizes[l], network.sizes[l + 1]];
    drawWeights(m, n, Random.stream(seed, "weights", l), network.W[l]);
    drawBiases(1, n, Random.stream(seed, "biases", l), network.b[l]);
  }
}

export class Run {
  /** Settings as in config.js; throws a RangeError, in the package's words, for bad ones. */
  constructor(given = {}) {
    const config = check(given);
    const { inputs, labels, classes } = DATA[config.data].make(
      config, Random.stream(config.seed, "data"));
    const outputs = outputsFor(config.loss, classes);
    const samples = labels.length;
    const sizes = [2, ...Array(config.depth - 1).fill(config.width), outputs];
    const { activation, loss, batch_size: batchSize } = config;
    const edgeBackwards = SUMS[config.sum];

    this.config = config;
    this.inputs = inputs;
    this.labels = labels;
    this.classes = classes;
    this.sizes = sizes;
    this.targets = targetsOf(labels, outputs);
    // One network sees all samples, to be measured; with minibatches another one, which shares its
    // parameters, is trained.
    this.network = new Network({ sizes, activation, loss, rows: samples, edgeBackwards });
    this.network.h[0].set(inputs);
    this.batches = null;
    this.trained = this.network;
    this.batchTargets = this.targets;
    if (batchSize !== null) {
      const { parameters } = this.network;
      this.batches = new Batches(samples, batchSize, Random.stream(config.seed, "batches"));
      this.trained = new Network({
        sizes, activation, loss, rows: batchSize, edgeBackwards, parameters });
      this.batchTargets = new Float64Array(batchSize * outputs);
    }
    draw(this.network, config);
    this.start = this.network.parameters.slice();
    this.measures = new Measures(this.network, activation);
    this.row = new Float64Array(1 + PER_LAYER.length * config.depth);
    this.records = new History(this.row.length);
    this.keyframes = new Keyframes([this.network.parameters, ...(this.batches?.state ?? [])]);
    this.lit = new Int32Array(config.depth);
    this.forget();
  }

  /** Back to step 0, and nothing known of later steps. */
  forget() {
    this.network.parameters.set(this.start);
    this.batches?.rewind();
    this.records.clear();
    this.keyframes.clear();
    this.lit.fill(NEVER);
    this.step = 0;
    this.furthest = 0;
    this.diverged = null;
  }

  /** Begin with other parameters: one array, all weights layer by layer, then all biases. */
  startFrom(parameters) {
    if (parameters.length !== this.start.length) {
      throw new RangeError(
        `parameters must be ${this.start.length} numbers, got ${parameters.length}`);
    }
    if (!parameters.every(Number.isFinite)) throw new RangeError("parameters must be finite");
    this.start.set(parameters);
    this.forget();
  }

  /** Take up to `count` steps; fewer if the loss is no longer finite. Returns how many. */
  advance(count = 1) {
    for (let taken = 0; taken < count; taken += 1) {
      if (!this.one()) return taken;
    }
    return count;
  }

  // One step: the gradient at the parameters of this.step, then the parameters of this.step + 1.
  one() {
    const { trained, batches } = this;
    if (this.diverged !== null && this.step >= this.diverged) return false;
    this.keyframes.offer(this.step);
    const recorded = this.records.wants(this.step);
    if (recorded && batches) this.record(this.look());
    if (batches) this.gather(batches.next());
    trained.forward(trained.rows);
    const loss = trained.backward(this.batchTargets, trained.rows);
    if (recorded && !batches) this.record(loss);
    if (!Number.isFinite(loss)) {
      this.diverged = this.step;
      return false;
    }
    trained.descend(this.config.learning_rate);
    this.step += 1;
    if (this.step > this.furthest) {
      this.furthest = this.step;
      this.light();
    }
    return true;
  }

  // Copy a batch's rows to the network that is trained.
  gather(start) {
    const { inputs, targets, trained, batchTargets, batches } = this;
    const outputs = this.sizes.at(-1);
    const x = trained.h[0];
    for (let row = 0; row < batches.size; row += 1) {
      const from = batches.order[start + row];
      x[2 * row] = inputs[2 * from];
      x[2 * row + 1] = inputs[2 * from + 1];
      for (let c = 0; c < outputs; c += 1) {
        batchTargets[row * outputs + c] = targets[from * outputs + c];
      }
    }
  }

  // Remember for each layer the first step whose weight gradient was not exactly zero.
  light() {
    for (let l = 0; l < this.lit.length; l += 1) {
      if (this.lit[l] === NEVER && anyNonzero(this.trained.gradW[l])) this.lit[l] = this.step;
    }
  }

  /** Both passes over all samples at the present parameters; returns the loss. */
  look() {
    this.network.forward(this.network.rows);
    return this.network.backward(this.targets, this.network.rows);
  }

  record(loss) {
    const { network, row } = this;
    const depth = network.depth;
    row[0] = loss;
    for (let l = 0; l < depth; l += 1) {
      row[1 + l] = rms(network.h[l + 1]);
      row[1 + depth + l] = rms(network.delta[l]);
      row[1 + 2 * depth + l] = rms(network.gradW[l]);
    }
    this.records.push(row);
  }

  /** Back to step 0 with the very same weights and batches; what was seen is kept. */
  rewind() {
    this.goTo(0);
  }

  /** To any step from 0 to `furthest`, by replaying from the nearest copy. */
  goTo(step) {
    if (!Number.isInteger(step) || step < 0 || step > this.furthest) {
      throw new RangeError(`step must lie in 0..${this.furthest}, got ${step}`);
    }
    if (this.furthest === 0) return;
    // From here on is nearer than any copy, or as near.
    const nearest = this.keyframes.below(step);
    if (this.step > step || this.step < nearest) this.step = this.keyframes.restore(step);
    this.advance(step - this.step);
  }

  /** What there is to see at this step: see measures.js. The same object at every call. */
  measure() {
    const loss = this.look();
    const values = this.measures.take(this.network.rows);
    values.step = this.step;
    values.furthest = this.furthest;
    values.loss = loss;
    values.accuracy = accuracy(
      this.network.outputs, this.labels, this.sizes.at(-1),
      this.config.loss === "squared_error" ? 0.5 : 0);
    values.lit = this.lit;
    values.diverged = this.diverged;
    return values;
  }

  /** The recorded steps as a table: { steps, loss, rms_h, rms_delta, rms_grad_W }, lists by layer. */
  history() {
    const { depth } = this.config;
    const table = { steps: this.records.steps(), loss: this.records.column(0) };
    PER_LAYER.forEach((name, i) => {
      table[name] = Array.from({ length: depth }, (_, l) => this.records.column(1 + i * depth + l));
    });
    return table;
  }

  /** Class shares at points, two numbers each; fills `shares`, `classes` numbers each. */
  predict(points, shares) {
    const { network, sizes, classes, config } = this;
    const outputs = sizes.at(-1);
    const most = network.rows;
    for (let first = 0; first < points.length / 2; first += most) {
      const rows = Math.min(most, points.length / 2 - first);
      for (let i = 0; i < 2 * rows; i += 1) network.h[0][i] = points[2 * first + i];
      network.forward(rows);
      sharesOf(
        config.loss, network.outputs, rows, outputs,
        shares.subarray(first * classes, (first + rows) * classes));
    }
    network.h[0].set(this.inputs);
  }

  /** The present weights and biases, layer by layer, as new arrays. */
  parameters() {
    const { W, b } = this.network;
    return { W: W.map((array) => array.slice()), b: b.map((array) => array.slice()) };
  }
}

function anyNonzero(array) {
  for (let i = 0; i < array.length; i += 1) if (array[i] !== 0) return true;
  return false;
}
