// Loss functions, those of the package (code/initlab/losses.py): means over the batch.
//
// Each takes outputs and targets, both `rows` x `columns` (labels of softmax_cross_entropy come as
// one 1 a row), fills grad with dL/d outputs, the factor 1 / rows included, and returns the loss.

import { sigmoid, softplus } from "./special.js";

// Half the squared distance: the half makes the gradient the plain difference.
function squaredError(outputs, targets, grad, rows, columns) {
  let total = 0;
  for (let i = 0; i < rows * columns; i += 1) {
    const gap = outputs[i] - targets[i];
    total += (gap * gap) / 2;
    grad[i] = gap / rows;
  }
  return total / rows;
}

// -log p[label]; the largest logit is subtracted first, so exp cannot overflow.
function softmaxCrossEntropy(outputs, targets, grad, rows, columns) {
  let total = 0;
  for (let start = 0; start < rows * columns; start += columns) {
    const end = start + columns;
    let largest = outputs[start];
    for (let i = start + 1; i < end; i += 1) largest = Math.max(largest, outputs[i]);
    let sum = 0;
    for (let i = start; i < end; i += 1) sum += Math.exp(outputs[i] - largest);
    const logSum = Math.log(sum);
    for (let i = start; i < end; i += 1) {
      total -= targets[i] * (outputs[i] - largest - logSum);
      grad[i] = (Math.exp(outputs[i] - largest) / sum - targets[i]) / rows;
    }
  }
  return total / rows;
}

// log(1 + exp(logit)) - y * logit, finite for every finite logit.
function binaryCrossEntropy(outputs, targets, grad, rows, columns) {
  let total = 0;
  for (let i = 0; i < rows * columns; i += 1) {
    total += softplus(outputs[i]) - targets[i] * outputs[i];
    grad[i] = (sigmoid(outputs[i]) - targets[i]) / rows;
  }
  return total / rows;
}

/** By the package's names, in its order. */
export const LOSSES = {
  squared_error: squaredError,
  softmax_cross_entropy: softmaxCrossEntropy,
  binary_cross_entropy: binaryCrossEntropy,
};

/** How many outputs a network needs for `classes` classes: two share one, softmax has no ties. */
export function outputsFor(loss, classes) {
  return classes === 2 && loss !== "softmax_cross_entropy" ? 1 : classes;
}

/** Labels as rows of targets: 0 or 1 in one column, or one 1 in the label's column. */
export function targetsOf(labels, outputs) {
  const targets = new Float64Array(labels.length * outputs);
  labels.forEach((label, row) => {
    if (outputs === 1) targets[row] = label;
    else targets[row * outputs + label] = 1;
  });
  return targets;
}

/**
 * Outputs (`rows` x `outputs`) as shares of the classes (`rows` x `classes`): probabilities for the
 * cross-entropies; for squared_error, whose outputs are near 0 and 1, the outputs cut off there.
 */
export function sharesOf(loss, outputs, rows, columns, shares) {
  const logistic = loss === "binary_cross_entropy";
  if (columns === 1) {
    for (let row = 0; row < rows; row += 1) {
      const x = outputs[row];
      const share = logistic ? sigmoid(x) : Math.min(Math.max(x, 0), 1);
      shares[2 * row] = 1 - share;
      shares[2 * row + 1] = share;
    }
    return;
  }
  const softmax = loss === "softmax_cross_entropy";
  for (let start = 0; start < rows * columns; start += columns) {
    let largest = outputs[start];
    for (let i = start + 1; i < start + columns; i += 1) largest = Math.max(largest, outputs[i]);
    let sum = 0;
    for (let i = start; i < start + columns; i += 1) {
      const x = outputs[i];
      shares[i] = softmax ? Math.exp(x - largest)
        : logistic ? sigmoid(x) : Math.min(Math.max(x, 0), 1);
      sum += shares[i];
    }
    if (softmax) for (let i = start; i < start + columns; i += 1) shares[i] /= sum;
  }
}
