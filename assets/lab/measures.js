// What there is to see in a network after a forward and a backward pass, layer by layer, by the
// definitions of the package (code/initlab/diagnostics.py). A table of it is allocated once.

import { RANGES } from "./activations.js";
import { unitGroups } from "./units.js";

export const BINS = 40; // of the histograms
export const FLAT = 0.01; // a unit is saturated where |phi'(z)| is smaller
export const TOLERANCE = 1e-9; // for units that are equal but for rounding

const TINY = 1e-290; // sums of squares below it have lost digits

/** Root mean square of the first `count` entries, also of entries whose squares underflow. */
export function rms(array, count = array.length) {
  let sum = 0;
  for (let i = 0; i < count; i += 1) sum += array[i] * array[i];
  if (sum >= TINY && sum < Infinity) return Math.sqrt(sum / count);
  let largest = 0;
  for (let i = 0; i < count; i += 1) largest = Math.max(largest, Math.abs(array[i]));
  if (!(largest > 0 && largest < Infinity)) return largest;
  sum = 0;
  for (let i = 0; i < count; i += 1) sum += (array[i] / largest) ** 2;
  return largest * Math.sqrt(sum / count);
}

export class Measures {
  /** For networks of this depth and hidden activation. */
  constructor(network, activation) {
    const perLayer = () => new Float64Array(network.depth);
    this.network = network;
    this.activation = activation;
    this.values = {
      /** Root mean squares: activations, dL/dz, dL/dW. */
      rms_h: perLayer(),
      rms_delta: perLayer(),
      rms_grad_W: perLayer(),
      /** Shares from 0 to 1, NaN where the word has no meaning: dead units are those of ReLU. */
      saturated: perLayer().fill(NaN),
      dead: perLayer().fill(NaN),
      /** Numbers of different units in each hidden layer, to the bit and but for rounding. */
      distinct: new Int32Array(network.depth - 1),
      distinct_rounded: new Int32Array(network.depth - 1),
      /** Counts of activations, BINS a layer, between low[l] and high[l]. */
      histogram: new Int32Array(network.depth * BINS),
      low: perLayer(),
      high: perLayer(),
    };
    this.groups = new Int32Array(Math.max(...network.sizes));
  }

  /** Measure the first `rows` rows of the last passes. Returns the same object at every call. */
  take(rows) {
    const { network, values } = this;
    for (let l = 0; l < network.depth; l += 1) {
      const count = rows * network.sizes[l + 1];
      const hidden = l < network.depth - 1;
      values.rms_h[l] = rms(network.h[l + 1], count);
      values.rms_delta[l] = rms(network.delta[l], count);
      values.rms_grad_W[l] = rms(network.gradW[l]);
      this.histogram(l, network.h[l + 1], count, hidden ? RANGES[this.activation] : undefined);
      if (hidden) {
        values.saturated[l] = saturated(network.slope[l], count);
        if (this.activation === "relu") {
          values.dead[l] = dead(network.z[l], rows, network.sizes[l + 1]);
        }
        values.distinct[l] = unitGroups(network, l, 0, this.groups);
        values.distinct_rounded[l] = unitGroups(network, l, TOLERANCE, this.groups);
      }
    }
    return values;
  }

  // Bins of equal width over the activation's own range or, where it has none, over the values
  // seen; the last bin includes its upper edge. Values that are not finite are in no bin.
  histogram(l, array, count, range) {
    const { histogram, low, high } = this.values;
    histogram.fill(0, l * BINS, (l + 1) * BINS);
    low[l] = Infinity;
    high[l] = -Infinity;
    for (let i = 0; i < count; i += 1) {
      if (array[i] < low[l] && array[i] > -Infinity) low[l] = array[i];
      if (array[i] > high[l] && array[i] < Infinity) high[l] = array[i];
    }
    if (range !== undefined) [low[l], high[l]] = range;
    else if (!(low[l] < high[l])) {
      const middle = low[l] === high[l] ? low[l] : 0; // all equal, or nothing finite
      low[l] = middle - 0.5;
      high[l] = middle + 0.5;
    }
    const scale = BINS / (high[l] - low[l]);
    for (let i = 0; i < count; i += 1) {
      if (array[i] >= low[l] && array[i] <= high[l]) {
        const bin = Math.floor((array[i] - low[l]) * scale);
        histogram[l * BINS + Math.min(bin, BINS - 1)] += 1;
      }
    }
  }
}

/** Share of preactivations where the activation is flat. */
function saturated(slope, count) {
  let flat = 0;
  for (let i = 0; i < count; i += 1) if (Math.abs(slope[i]) < FLAT) flat += 1;
  return flat / count;
}

/** Share of units a ReLU keeps at 0 for every sample. */
function dead(z, rows, units) {
  let count = 0;
  for (let unit = 0; unit < units; unit += 1) {
    let row = 0;
    while (row < rows && z[row * units + unit] <= 0) row += 1;
    if (row === rows) count += 1;
  }
  return count / units;
}

/** Share of rows whose largest output is the labeled one; one output is compared with `middle`. */
export function accuracy(outputs, labels, columns, middle) {
  let right = 0;
  for (let row = 0; row < labels.length; row += 1) {
    let best = 0;
    if (columns === 1) best = outputs[row] > middle ? 1 : 0;
    for (let c = 1; c < columns; c += 1) {
      if (outputs[row * columns + c] > outputs[row * columns + best]) best = c;
    }
    if (best === labels[row]) right += 1;
  }
  return right / labels.length;
}
