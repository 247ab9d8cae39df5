import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { fromPreset } from "../../assets/lab/address.js";
import { FLAT, TOLERANCE } from "../../assets/lab/measures.js";
import { DRAFTS, PRESETS, written } from "../../assets/lab/presets.js";
import { Run } from "../../assets/lab/run.js";
import { sides } from "../../assets/lab/state.js";

const SEEDS = [2, 3, 4];
const draft = (name) => DRAFTS.find((each) => each.name === name);

/** Both networks of a preset with another seed, after so many steps. */
const trained = (name, seed, steps) => sides(fromPreset(name)).map((settings) => {
  const run = new Run({ ...settings, seed });
  run.advance(steps);
  return run.measure();
});

test("titles and sentences tell the numbers that are set, and follow them", () => {
  const std = (value) => ({ weights: { name: "normal", std: value } });
  for (const [name, settings, other, said] of [
    ["equal-units", { weights: { name: "constant", value: 0.7 }, width: 5 }, {},
      /Five units, or one in five copies .* starts at 0\.7: .* in five copies, .*: five units/],
    ["bias-only", { n_classes: 4 }, {}, /at ln 4, .* among four classes/],
    ["saturation", std(7), {}, /deviation 7:/],
    ["logistic", {}, std(7).weights, /deviation of 7, right/],
    ["vanishing", std(0.7), {}, /deviation 0\.7:/],
    ["standard-normal", { depth: 7, learning_rate: 0.7 }, {}, /Seven layers, learning rate 0\.7\./],
    ["orthogonal", {}, { name: "orthogonal", gain: 7 }, /gain 7 /],
  ]) {
    const { difference, ...rest } = draft(name);
    const value = Object.keys(other).length ? other : difference.value;
    const { title, sentence } = written({
      ...rest, difference: { ...difference, value }, settings: { ...rest.settings, ...settings } });
    assert.match(`${title} ${sentence}`, said);
    const set = PRESETS.find((each) => each.name === name);
    assert.doesNotMatch(`${set.title} ${set.sentence}`, said);
  }
});

test("no sentence repeats a number by hand", () => {
  for (const { title, sentence } of DRAFTS) {
    const source = `${title} ${sentence}`.replaceAll(/\$\{.*?\}|step 0|factor of 2/g, "");
    assert.doesNotMatch(source, /\d/);
  }
});

test("with any seed ties hold, zeros stay and the wave goes down one layer a step", () => {
  for (const seed of SEEDS) {
    for (const name of ["equal-units", "one-shared-vector", "round-off"]) {
      assert.deepEqual([...trained(name, seed, 50)[0].distinct], [1, 1], `${name}, seed ${seed}`);
    }
    const [frozen, waking] = trained("four-zeros", seed, 50);
    assert.deepEqual([...frozen.lit], [0, 0, 0]);
    assert.deepEqual([...waking.distinct], [1, 1]);
    const [wave, all] = trained("wavefront", seed, 6);
    assert.deepEqual([[...wave.lit], [...all.lit]], [[5, 4, 3, 2, 1], [1, 1, 1, 1, 1]]);
  }
});

const page = readFileSync(new URL("../../chapters/lab.md", import.meta.url), "utf8");

test("the page tells the limits that are set", () => {
  assert.ok(page.includes(`its slope is below ${FLAT})`));
  assert.ok(page.includes("a part in a billion or less"));
  assert.equal(TOLERANCE, 1e-9);
});

test("how far training gets depends on the seed, as the page says", () => {
  const [, title, seed, steps] = /In\s+\*(.+?)\* with seed (\d+) the left network is off the plateau by step ([\d,]+)/
    .exec(page);
  const preset = PRESETS.find((each) => each.title === title);
  assert.equal(Number(steps.replace(",", "")), preset.steps);
  const [left] = trained(preset.name, Number(seed), preset.steps);
  assert.ok(left.loss < 0.8 * Math.log(3), String(left.loss));
});
