import assert from "node:assert/strict";
import { test } from "node:test";

import { check, defaults, repair } from "../../assets/lab/config.js";
import { Run } from "../../assets/lab/run.js";

test("defaults are good settings, complete and one's own", () => {
  assert.deepEqual({ ...check() }, defaults());
  assert.deepEqual({ ...check(defaults()) }, defaults());
  const mine = defaults();
  mine.depth = 99;
  assert.equal(defaults().depth, 3);
  assert.ok(Object.isFrozen(check()));
});

test("a run refuses bad settings before it makes anything", () => {
  for (const [settings, message] of [
    [{ depth: 9 }, "depth must be a whole number of at least 1 and at most 8, got 9"],
    [{ width: 0 }, "width must be a whole number of at least 1 and at most 32, got 0"],
    [{ learning_rate: NaN }, "learning_rate must be a finite number and at least 0, got nan"],
    [{ batch_size: 5, data: "xor" }, "batch_size must be at most the 4 samples, got 5"],
    [{ batch_size: "8" }, "batch_size must be a whole number of at least 1, got '8'"],
    [{ weights: { name: "normal" } }, "std must be a finite number and at least 0, got None"],
  ]) {
    assert.throws(() => new Run(settings), { name: "RangeError", message });
  }
});

test("names of an object's own workings are not names of anything here", () => {
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
    assert.throws(() => check({ activation: name }), /^RangeError: unknown activation: got '/);
    assert.throws(() => check({ weights: { name } }), /^RangeError: unknown initializer: got '/);
    assert.throws(() => check(JSON.parse(`{"${name}": 1}`)), /^RangeError: unknown setting: got '/);
  }
});

test("recipes keep nothing they do not need", () => {
  const { weights, biases } = check({
    weights: { name: "equal_columns", base: { name: "normal", std: 2 } },
    biases: { name: "constant", value: 1 },
  });
  assert.deepEqual(weights, { name: "equal_columns", base: { name: "normal", std: 2 } });
  assert.deepEqual(biases, { name: "constant", value: 1 });
  assert.deepEqual(check({ weights: { name: "orthogonal" } }).weights,
    { name: "orthogonal", gain: 1 });
});

test("a recipe nested without end is refused, not followed", () => {
  const recipe = { name: "equal_columns" };
  recipe.base = recipe;
  assert.throws(() => check({ weights: recipe }), /^RangeError: unknown initializer: got 'equal_columns'/);
});

test("repair keeps what is good and says what was not", () => {
  const { config, problems } = repair({
    data: "xor", batch_size: 100, depth: 1e9, seed: 4, width: Infinity, weights: "zeros",
  });
  assert.deepEqual([config.data, config.seed, config.batch_size], ["xor", 4, null]);
  assert.deepEqual(problems.map((problem) => problem.setting),
    ["depth", "width", "weights", "batch_size"]);
  assert.ok(problems.every((problem) => problem.message.includes("got ")));
  assert.doesNotThrow(() => new Run(config));
});
