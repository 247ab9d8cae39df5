import assert from "node:assert/strict";
import { test } from "node:test";

import { Batches } from "../../assets/lab/batches.js";
import { Random, STREAMS } from "../../assets/lab/random.js";

const take = (rng, count = 10) => Array.from({ length: count }, () => rng.uniform());

test("a copied state replays the same numbers", () => {
  const rng = Random.stream(5, "batches");
  take(rng, 3);
  const copy = rng.state.slice();
  const first = take(rng);
  assert.notDeepEqual(take(rng), first);
  rng.state.set(copy);
  assert.deepEqual(take(rng), first);
});

test("every purpose, layer and seed has a stream of its own", () => {
  const seen = new Set();
  for (const seed of [0, 1, 2, 2 ** 32 - 1]) {
    for (const purpose of Object.keys(STREAMS)) {
      for (let layer = 0; layer < 8; layer += 1) {
        seen.add(Random.stream(seed, purpose, layer).state.join());
      }
    }
  }
  assert.equal(seen.size, 4 * 4 * 8);
});

test("a shuffle keeps all items and makes every order as likely as any other", () => {
  const rng = Random.stream(1, "batches");
  const counts = new Map();
  for (let i = 0; i < 24_000; i += 1) {
    const items = [0, 1, 2, 3];
    rng.shuffle(items);
    counts.set(items.join(""), (counts.get(items.join("")) ?? 0) + 1);
  }
  assert.equal(counts.size, 24);
  // 1,000 each, with a standard deviation of 31: 4.5 of them in one of 24 is one in 6,000.
  for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 4.5 * 31, count);
});

test("normal numbers come in pairs, and an odd one out is dropped, not kept", () => {
  const [odd, even] = [new Float64Array(3), new Float64Array(4)];
  Random.stream(1, "data").fillNormal(odd);
  Random.stream(1, "data").fillNormal(even);
  assert.deepEqual([...odd], [...even.slice(0, 3)]);
});

test("an epoch shows every sample at most once, and epochs differ", () => {
  const batches = new Batches(10, 3, Random.stream(1, "batches"));
  const epoch = () => Array.from({ length: 3 }, () => {
    const start = batches.next();
    return [...batches.order.slice(start, start + 3)];
  }).flat();
  const [first, second] = [epoch(), epoch()];
  for (const seen of [first, second]) {
    assert.equal(new Set(seen).size, 9);
    assert.ok(seen.every((sample) => sample >= 0 && sample < 10));
  }
  assert.notDeepEqual(first, second);
  batches.rewind();
  assert.deepEqual(epoch(), first);
});
