// A multilayer perceptron that hides nothing, the one of the package (code/initlab/network.py).
//
// Layer l of the text (1 to L) is index l - 1 of W, b, z, slope, delta, gradW and gradB; h has one
// more entry, h[0] is the input. All are Float64Arrays, row by row: W[l] is fan_in x fan_out, column j
// holds the incoming weights of unit j; z[l], slope[l] = phi'(z) and delta[l] = dL/dz are
// batch x fan_out. The last layer is linear: losses work on its outputs.
//
// Everything is allocated here, once. All weights and biases lie in one array, `parameters` (weights
// first, layer by layer), all their gradients in `gradients`: a step, a copy and a comparison of
// networks are one loop each.

import { ACTIVATIONS } from "./activations.js";
import { LOSSES } from "./losses.js";
import { multiply, transpose } from "./matmul.js";

/** Views of one array, as many as there are sizes, one behind the other. */
const views = (array, sizes) => {
  let start = 0;
  return sizes.map((size) => array.subarray(start, (start += size)));
};

export class Network {
  /**
   * sizes: inputs, hidden widths, outputs. activation, loss: names. rows: the largest batch.
   * edgeBackwards: see matmul.js. parameters: an array to share with another network.
   */
  constructor({ sizes, activation, loss, rows, edgeBackwards = false, parameters = null }) {
    const ins = sizes.slice(0, -1);
    const outs = sizes.slice(1);
    const counts = [...ins.map((m, l) => m * outs[l]), ...outs];
    const total = counts.reduce((sum, count) => sum + count, 0);
    const layers = () => outs.map((n) => new Float64Array(rows * n));
    this.sizes = sizes;
    this.depth = outs.length;
    this.rows = rows;
    this.edgeBackwards = edgeBackwards;
    this.activations = outs.map((_, l) =>
      ACTIVATIONS[l < this.depth - 1 ? activation : "identity"]);
    this.loss = LOSSES[loss];
    this.parameters = parameters ?? new Float64Array(total);
    this.gradients = new Float64Array(total);
    const arrays = views(this.parameters, counts);
    this.W = arrays.slice(0, this.depth);
    this.b = arrays.slice(this.depth);
    const found = views(this.gradients, counts);
    this.gradW = found.slice(0, this.depth);
    this.gradB = found.slice(this.depth);
    this.h = [new Float64Array(rows * sizes[0]), ...layers()];
    this.z = layers();
    this.slope = layers();
    this.delta = layers();
    this.turned = new Float64Array(Math.max(...counts)); // a transposed W, one at a time
  }

  get outputs() {
    return this.h[this.depth];
  }

  /** Run the first `rows` rows of h[0] through the network. */
  forward(rows) {
    for (let l = 0; l < this.depth; l += 1) {
      const m = this.sizes[l];
      const n = this.sizes[l + 1];
      const z = this.z[l];
      multiply(z, this.h[l], m, 1, this.W[l], rows, m, n, this.edgeBackwards);
      addRow(z, this.b[l], rows, n);
      this.activations[l](z, this.h[l + 1], this.slope[l], rows * n);
    }
  }

  /**
   * Compare the outputs with targets and run dL/d outputs back; returns the loss.
   *
   * Back-propagation (Rumelhart, Hinton & Williams 1986), four lines a layer from the last layer
   * down: delta = grad_h * phi'(z), grad_W = h_below.T @ delta, grad_b = delta summed over the
   * batch, grad_h_below = delta @ W.T. (grad_h lies where the delta of that layer will be.)
   */
  backward(targets, rows) {
    const last = this.depth - 1;
    const loss = this.loss(
      this.outputs, targets, this.delta[last], rows, this.sizes[this.depth]);
    for (let l = last; l >= 0; l -= 1) {
      const m = this.sizes[l];
      const n = this.sizes[l + 1];
      const delta = this.delta[l];
      timesInPlace(delta, this.slope[l], rows * n);
      multiply(this.gradW[l], this.h[l], 1, m, delta, m, rows, n, this.edgeBackwards);
      sumRows(this.gradB[l], delta, rows, n);
      if (l > 0) {
        transpose(this.turned, this.W[l], m, n);
        multiply(this.delta[l - 1], delta, n, 1, this.turned, rows, n, m, this.edgeBackwards);
      }
    }
    return loss;
  }

  /** One step of gradient descent. */
  descend(learningRate) {
    const { parameters, gradients } = this;
    for (let i = 0; i < parameters.length; i += 1) parameters[i] -= learningRate * gradients[i];
  }
}

function addRow(matrix, row, rows, columns) {
  let at = 0;
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < columns; c += 1) matrix[at++] += row[c];
  }
}

function sumRows(out, matrix, rows, columns) {
  out.fill(0);
  let at = 0;
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < columns; c += 1) out[c] += matrix[at++];
  }
}

function timesInPlace(array, factor, count) {
  for (let i = 0; i < count; i += 1) array[i] *= factor[i];
}
