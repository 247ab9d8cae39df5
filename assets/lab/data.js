// Data sets in the plane, those of the package (code/initlab/data.py): inputs, two numbers a sample,
// row by row, and labels from 0 to classes - 1, in the order of the labels.

const NOISY = (place) => ({ n_samples: n, n_classes: classes, noise }, rng) => {
  const inputs = new Float64Array(2 * n);
  rng.fillNormal(inputs);
  const labels = shares(n, classes);
  labels.forEach((label, row) => {
    const [x, y] = place(label, classes, rng.uniform());
    inputs[2 * row] = x + noise * inputs[2 * row];
    inputs[2 * row + 1] = y + noise * inputs[2 * row + 1];
  });
  return { inputs, labels, classes };
};

/** n labels in order, as many of each class as of any other, give or take one. */
function shares(n, classes) {
  return Int32Array.from({ length: n }, (_, i) => Math.floor(((i + 1) * classes - 1) / n));
}

const around = (radius, angle) => [radius * Math.cos(angle), radius * Math.sin(angle)];

// Four points; `low` is the input that is not 1.
function xor({ low }) {
  return {
    inputs: Float64Array.of(low, low, low, 1, 1, low, 1, 1),
    labels: Int32Array.of(0, 1, 1, 0),
    classes: 2,
  };
}

// Two interleaved half circles of radius 1.
const twoMoons = NOISY((label, classes, share) => {
  const [x, y] = around(1, Math.PI * share);
  return label === 0 ? [x, y] : [1 - x, 0.5 - y];
});

// Class k of K on a circle of radius (k + 1) / K.
const circles = NOISY((label, classes, share) =>
  around((label + 1) / classes, 2 * Math.PI * share));

/** Where the arms of a spiral begin, as a share of their length: at 0 they would all meet. */
export const SPIRAL_START = 0.1;

// K arms that wind once around the origin, each turned by 1/K of a circle from the one before.
const spirals = NOISY((label, classes, share) => {
  const radius = SPIRAL_START + (1 - SPIRAL_START) * share;
  return around(radius, 2 * Math.PI * (radius + label / classes));
});

/** By the package's names. `classes`: how many there can be. */
export const DATA = {
  xor: { make: xor, classes: { atLeast: 2, atMost: 2 } },
  two_moons: { make: twoMoons, classes: { atLeast: 2, atMost: 2 } },
  circles: { make: circles, classes: { atLeast: 2, atMost: 5 } },
  spirals: { make: spirals, classes: { atLeast: 2, atMost: 5 } },
};
