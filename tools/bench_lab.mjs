// How fast the lab's engine is: make bench-lab
//
// Steps a second of whole runs (forward, backward, update, history, lamps), by the clock and by the
// processor's time, which a busy machine does not stretch; the best of several rounds.

import { Run } from "../assets/lab/run.js";

const ROUNDS = 7;
const SECONDS = 0.4; // of a round, about

const NETWORKS = {
  "2-8-8-1 tanh": {},
  "2-8-8-1 tanh, batches of 32": { batch_size: 32 },
  "2-8-8-1 relu": { activation: "relu" },
  "2-8-8-1 gelu": { activation: "gelu" },
  "2-16-16-16-3 relu": {
    data: "spirals", n_classes: 3, loss: "softmax_cross_entropy", depth: 4, width: 16,
    activation: "relu",
  },
  "2-32-...-32-1 tanh, depth 8": { depth: 8, width: 32 },
};

/** How often a second `act` can be called: [by the clock, by the processor's time]. */
function rates(act) {
  let calls = 1;
  let best = [0, 0];
  for (let round = -3; round < ROUNDS; round += 1) {
    const [began, used] = [performance.now(), process.cpuUsage()];
    for (let i = 0; i < calls; i += 1) act();
    const seconds = (performance.now() - began) / 1e3;
    const { user, system } = process.cpuUsage(used);
    if (round >= 0) {
      best = [calls / seconds, calls / ((user + system) / 1e6)].map(
        (rate, i) => Math.max(rate, best[i]));
    } else {
      calls = Math.ceil((calls * SECONDS) / Math.max(seconds, 1e-4));
    }
  }
  return best;
}

const show = (rate) => Math.round(rate).toLocaleString("en").padStart(9);

console.log("256 points; a second has   by the clock   by the processor\n");
for (const [name, settings] of Object.entries(NETWORKS)) {
  const run = new Run({ learning_rate: 0.01, ...settings });
  const [clock, processor] = rates(() => {
    if (run.advance(1) === 0) throw Error(`${name} diverged`);
  });
  console.log(`${name.padEnd(32)} ${show(clock)} ${show(processor)}  steps`);
}

const run = new Run();
const points = Float64Array.from({ length: 2 * 64 * 64 }, (_, i) => Math.sin(i));
const shares = new Float64Array(2 * 64 * 64);
for (const [name, act] of [
  ["measures of 2-8-8-1", () => run.measure()],
  ["decision regions of 64 x 64", () => run.predict(points, shares)],
]) {
  const [clock, processor] = rates(act);
  console.log(`${name.padEnd(32)} ${show(clock)} ${show(processor)}  times`);
}
