import assert from "node:assert/strict";
import { test } from "node:test";

import { Run } from "../../assets/lab/run.js";

/** The bits of all parameters: what "the very same weights" means. */
const bits = (run) => Buffer.from(run.network.parameters.slice().buffer).toString("hex");

const KINDS = {
  "full batch": { learning_rate: 0.5 },
  minibatches: { learning_rate: 0.5, batch_size: 48 },
  "deep and wide": {
    data: "spirals", n_classes: 3, depth: 8, width: 32, activation: "relu", n_samples: 16,
    loss: "softmax_cross_entropy", weights: { name: "he_normal" }, learning_rate: 0.05,
    batch_size: 7,
  },
};

for (const [kind, settings] of Object.entries(KINDS)) {
  test(`${kind}: a rewind restores the very weights, and the same steps follow`, () => {
    const run = new Run(settings);
    const start = bits(run);
    run.advance(50);
    const [end, loss] = [bits(run), run.measure().loss];
    assert.notEqual(end, start);
    run.rewind();
    assert.equal(run.step, 0);
    assert.equal(bits(run), start);
    assert.equal(run.advance(50), 50);
    assert.equal(bits(run), end);
    assert.equal(run.measure().loss, loss);
  });

  test(`${kind}: any step can be gone to, and is what it was`, () => {
    // More steps than there are copies of the state, so that most are computed again.
    const run = new Run(settings);
    const were = new Map();
    const last = 200;
    for (let step = 0; step <= last; step += 1) {
      were.set(step, bits(run));
      if (step < last) run.advance();
    }
    for (const step of [0, 200, 1, 63, 64, 65, 199, 128, 127, 5, 150, 149, 0]) {
      run.goTo(step);
      assert.equal(run.step, step);
      assert.equal(bits(run), were.get(step), `step ${step}`);
      run.measure(); // looking changes nothing
      assert.equal(bits(run), were.get(step));
    }
    assert.equal(run.furthest, last);
    run.goTo(100);
    run.advance(150);
    const direct = new Run(settings);
    direct.advance(250);
    assert.equal(bits(run), bits(direct));
  });
}

test("the same settings give the same run, another seed another one", () => {
  const end = (settings) => {
    const run = new Run({ batch_size: 32, ...settings });
    run.advance(100);
    return bits(run);
  };
  assert.equal(end({}), end({}));
  assert.notEqual(end({}), end({ seed: 2 }));
});

/** What is drawn for a run: data, weights, biases, the first batches. */
const draws = (settings) => {
  const run = new Run({ batch_size: 32, biases: { name: "normal", std: 1 }, ...settings });
  const { W, b } = run.parameters();
  const batches = Array.from({ length: 20 }, () => {
    const start = run.batches.next();
    return [...run.batches.order.slice(start, start + 32)];
  });
  return { data: [...run.inputs], W: W.map((w) => [...w]), b: b.map((a) => [...a]), batches };
};

test("a change of one initializer leaves all other draws as they were", () => {
  const base = draws({});
  const otherWeights = draws({ weights: { name: "he_normal" } });
  assert.notDeepEqual(otherWeights.W, base.W);
  assert.deepEqual({ ...otherWeights, W: 0 }, { ...base, W: 0 });
  for (const biases of [{ name: "zeros" }, { name: "uniform", bound: 1 }]) {
    const otherBiases = draws({ biases });
    assert.notDeepEqual(otherBiases.b, base.b);
    assert.deepEqual({ ...otherBiases, b: 0 }, { ...base, b: 0 });
  }
  const otherActivation = draws({ activation: "relu", loss: "squared_error", learning_rate: 1 });
  assert.deepEqual(otherActivation, base);
  const deeper = draws({ depth: 5 });
  assert.deepEqual([deeper.data, deeper.batches], [base.data, base.batches]);
  assert.deepEqual(deeper.W.slice(0, 2), base.W.slice(0, 2));
  const otherSeed = draws({ seed: 2 });
  for (const key of Object.keys(base)) assert.notDeepEqual(otherSeed[key], base[key], key);
});

for (let depth = 1; depth <= 8; depth += 1) {
  test(`depth ${depth}: from zero weights and random biases layer l lights at L - l + 1`, () => {
    const run = new Run({
      depth, weights: { name: "zeros" }, biases: { name: "normal", std: 1 }, learning_rate: 1,
    });
    for (let step = 0; step < depth; step += 1) {
      const lit = [...run.measure().lit];
      assert.deepEqual(lit, lit.map((_, l) => (depth - l <= step ? depth - l : 0)));
      run.advance();
    }
    assert.ok(run.measure().rms_grad_W.every((size) => size > 0));
    run.rewind(); // lamps are remembered
    assert.equal(run.measure().lit[0], depth);
  });
}

test("from bias only, full batch descent sits at ln 2 and minibatches do not", () => {
  const settings = {
    weights: { name: "zeros" }, biases: { name: "normal", std: 1 }, depth: 4, learning_rate: 1,
    n_samples: 64,
  };
  const still = new Run(settings);
  still.advance(1000);
  assert.ok(Math.abs(still.measure().loss - Math.LN2) < 1e-9);
  const shaken = new Run({ ...settings, batch_size: 16 });
  shaken.advance(3000);
  assert.ok(shaken.measure().loss < 0.5 * Math.LN2, String(shaken.measure().loss));
});

test("all zero: with tanh only the output bias moves, with sigmoid layers stay in lockstep", () => {
  const run = (activation) => {
    const made = new Run({
      data: "circles", n_samples: 101, activation, weights: { name: "zeros" }, depth: 3,
    });
    made.advance(50);
    return made;
  };
  const frozen = run("tanh");
  assert.deepEqual([...frozen.measure().lit], [0, 0, 0]);
  assert.equal(frozen.network.parameters.findIndex((p) => p !== 0), frozen.start.length - 1);
  const moving = run("sigmoid").measure();
  assert.deepEqual([...moving.distinct], [1, 1]);
  assert.equal(moving.lit[2], 1);
});

const tied = (settings) => new Run({
  data: "spirals", n_classes: 3, loss: "softmax_cross_entropy", depth: 2, learning_rate: 0.5,
  weights: { name: "constant", value: 0.1 }, n_samples: 50, ...settings,
});

test("equal units stay equal to the bit, at every width and depth", () => {
  for (const width of [1, 2, 5, 16, 17, 32]) {
    for (const depth of [2, 4]) {
      for (const batch of [null, 16]) {
        const run = tied({ width, depth, batch_size: batch });
        run.advance(200);
        const { distinct, distinct_rounded: rounded } = run.measure();
        assert.deepEqual([...distinct], Array(depth - 1).fill(1), `width ${width}`);
        assert.deepEqual([...rounded], Array(depth - 1).fill(1));
      }
    }
  }
});

test("edge columns added backwards break the tie, where there are edge columns", () => {
  const at = (width, steps) => {
    const run = tied({ width, sum: "edge_backwards" });
    run.advance(steps);
    const { distinct, distinct_rounded: rounded, loss } = run.measure();
    return { distinct: distinct[0], rounded: rounded[0], loss };
  };
  // First a difference in the last bit, which is none but for rounding; then it grows.
  const early = at(17, 20);
  assert.deepEqual([early.distinct, early.rounded], [2, 1]);
  const late = at(17, 4000);
  assert.deepEqual([late.distinct, late.rounded], [2, 2]);
  assert.ok(late.loss < 0.95 * at(16, 4000).loss);
  for (const width of [3, 4, 8, 16]) assert.equal(at(width, 400).distinct, 1, `width ${width}`);
});

test("both orders of addition are right: they differ by rounding only", () => {
  const [one, other] = ["ordered", "edge_backwards"].map((sum) => {
    const run = new Run({ sum, width: 7 });
    run.advance(10);
    return run;
  });
  const gaps = one.network.parameters.map((p, i) => Math.abs(p - other.network.parameters[i]));
  assert.ok(Math.max(...gaps) < 1e-14);
  assert.notEqual(bits(one), bits(other));
});

test("a run that diverges says when, stops, and can be rewound", () => {
  const run = new Run({
    loss: "squared_error", activation: "identity", learning_rate: 100, depth: 4,
    weights: { name: "normal", std: 2 },
  });
  const start = bits(run);
  const taken = run.advance(1000);
  assert.ok(taken < 1000);
  assert.equal(run.diverged, taken);
  assert.equal(run.advance(5), 0);
  const seen = run.measure();
  assert.ok(!Number.isFinite(seen.loss));
  assert.equal(seen.diverged, taken);
  run.rewind();
  assert.equal(bits(run), start);
  assert.ok(Number.isFinite(run.measure().loss));
  assert.equal(run.advance(1000), taken);
});

test("a run learns: losses fall and shares follow the labels", () => {
  for (const [data, classes] of [["xor", 2], ["two_moons", 2], ["circles", 3], ["spirals", 2]]) {
    for (const loss of ["binary_cross_entropy", "softmax_cross_entropy", "squared_error"]) {
      const run = new Run({
        data, n_classes: classes, loss, noise: 0.02, width: 16, low: -1, learning_rate: 0.3,
        weights: { name: "glorot_normal" }, n_samples: 40,
      });
      const before = run.measure().loss;
      run.advance(1000);
      const { loss: after, accuracy } = run.measure();
      assert.ok(after < before && (data === "spirals" || accuracy > 0.9), `${data} ${loss}`);
      const shares = new Float64Array(run.labels.length * classes);
      run.predict(run.inputs, shares);
      const best = Array.from(run.labels, (_, i) => {
        const row = [...shares.slice(i * classes, (i + 1) * classes)];
        assert.ok(row.every((share) => share >= 0 && share <= 1));
        if (loss !== "binary_cross_entropy" || classes === 2) {
          const sum = row.reduce((a, b) => a + b);
          assert.ok(loss === "squared_error" || Math.abs(sum - 1) < 1e-12);
        }
        return row.indexOf(Math.max(...row));
      });
      const right = best.filter((label, i) => label === run.labels[i]).length;
      assert.ok(Math.abs(right / best.length - accuracy) < 1e-12, `${data} ${loss}`);
    }
  }
});

test("decision regions may have more points than the data has", () => {
  const run = new Run({ data: "xor" });
  const points = Float64Array.from({ length: 2 * 1001 }, (_, i) => Math.sin(i));
  const shares = new Float64Array(2 * 1001);
  run.predict(points, shares);
  const one = new Float64Array(2);
  for (const i of [0, 3, 4, 1000]) {
    run.predict(points.slice(2 * i, 2 * i + 2), one);
    assert.deepEqual([...one], [...shares.slice(2 * i, 2 * i + 2)]);
  }
  assert.deepEqual([...run.network.h[0].slice(0, 8)], [...run.inputs]); // the data is back
});

test("the history is a table of at most 1,024 rows, right at every step it shows", () => {
  for (const batch of [null, 64]) {
    const run = new Run({ batch_size: batch, depth: 3, n_samples: 64 });
    run.advance(1500);
    const table = run.history();
    const count = table.steps.length;
    assert.ok(count <= 1024 && count >= 512);
    assert.deepEqual([...table.steps.slice(0, 3)], [0, 2, 4]);
    assert.deepEqual([table.loss.length, table.rms_h.length, table.rms_delta[2].length],
      [count, 3, count]);
    for (const index of [0, 1, 300, count - 1]) {
      run.goTo(table.steps[index]);
      const seen = run.measure();
      assert.equal(table.loss[index], seen.loss);
      for (const name of ["rms_h", "rms_delta", "rms_grad_W"]) {
        assert.deepEqual(table[name].map((column) => column[index]), [...seen[name]]);
      }
    }
    assert.equal(run.history().steps.length, count); // going back records nothing twice
  }
});

test("parameters can be given, and are what a rewind goes back to", () => {
  const [run, other] = [new Run({ seed: 1 }), new Run({ seed: 2 })];
  run.advance(10);
  run.startFrom(other.start);
  assert.deepEqual([run.step, run.furthest, run.history().steps.length], [0, 0, 0]);
  assert.equal(bits(run), bits(other));
  run.advance(10);
  run.rewind();
  assert.equal(bits(run), bits(other));
  assert.throws(() => run.startFrom(new Float64Array(3)), /^RangeError: parameters must be 105 /);
  assert.throws(() => run.startFrom(other.start.map(() => NaN)), /parameters must be finite/);
});

test("a step that was not taken cannot be gone to", () => {
  const run = new Run();
  run.goTo(0);
  run.advance(3);
  for (const step of [4, -1, 1.5, NaN, "1", undefined]) {
    assert.throws(() => run.goTo(step), { name: "RangeError", message: /^step must lie in 0\.\.3, / });
  }
  assert.equal(run.step, 3);
});
