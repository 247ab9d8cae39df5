// Steps allocate next to nothing, and nothing that stays. Run with --expose-gc and a nursery that
// holds all that is allocated here (--min-semi-space-size=64, in MB), so that the heap in use grows by
// every byte allocated until garbage is collected by hand.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Run } from "../../assets/lab/run.js";

const ROUNDS = 6;

const used = () => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const collect = () => {
  globalThis.gc();
  globalThis.gc(); // buffers are given back by a second thread, and counted the next time
};

/**
 * How much `act` allocates, and how much of it stays, in bytes: the least of several rounds, since
 * code that is not yet compiled puts every number in a box, and a busy machine compiles late.
 */
const memory = (act) => {
  let [allocated, kept] = [Infinity, Infinity];
  for (let round = 0; round < ROUNDS; round += 1) {
    collect();
    const before = used();
    act();
    allocated = Math.min(allocated, used() - before);
    collect();
    kept = Math.min(kept, used() - before);
  }
  return { allocated, kept };
};

const STEPS = 5000;
const FEW = 100; // bytes a step: the loss and such, in boxes; no array fits in them

const small = { n_samples: 8, width: 4, depth: 2 };

for (const settings of [small, { ...small, batch_size: 4 }, { ...small, activation: "gelu" }]) {
  test(`steps allocate next to nothing: ${JSON.stringify(settings)}`, () => {
    const run = new Run(settings);
    const { allocated, kept } = memory(() => run.advance(STEPS));
    assert.equal(run.step, ROUNDS * STEPS);
    assert.ok(allocated < FEW * STEPS, `${allocated / STEPS} bytes a step`);
    assert.ok(kept < 2 * STEPS, `${kept} bytes kept`);
  });
}

test("one small array a step would be seen, and so would keeping it", () => {
  const run = new Run(small);
  const list = [];
  const { allocated, kept } = memory(() => {
    for (let i = 0; i < STEPS; i += 1) {
      run.advance();
      list.push(run.network.z[0].slice(0, 1));
    }
  });
  assert.ok(allocated > FEW * STEPS, `${allocated / STEPS} bytes a step`);
  assert.ok(kept > FEW * STEPS, `${kept} bytes kept`);
});

test("looking and scrubbing keep no memory", () => {
  const run = new Run(small);
  run.advance(1000);
  const { kept } = memory(() => {
    for (let i = 0; i < 150; i += 1) {
      run.goTo((i * 311) % 1001);
      run.measure();
      run.history();
    }
  });
  assert.ok(kept < 2 * STEPS, `${kept} bytes kept`);
});
