// Two runs side by side, in step with each other. Knows nothing of pages and workers: worker.js
// hands messages in and frames out.

import { GRID, gridPoints, windowOf } from "./plane.js";
import { Run } from "./run.js";

const AT_ONCE = 4; // steps between two looks at the clock

export class Session {
  /** One network for each of the settings; throws a RangeError for bad ones. */
  constructor(settings) {
    this.runs = settings.map((each) => new Run(each));
    const [first] = this.runs;
    this.window = windowOf(first.inputs);
    this.points = gridPoints(this.window);
    this.shares = this.runs.map((run) => new Float64Array(GRID * GRID * run.classes));
  }

  get step() {
    return Math.max(...this.runs.map((run) => run.step));
  }

  get furthest() {
    return Math.max(...this.runs.map((run) => run.furthest));
  }

  /** Up to `count` steps of each network. Returns how many the one that got further took. */
  advance(count) {
    return Math.max(...this.runs.map((run) => run.advance(count)));
  }

  /** To any step from 0 to furthest; a network whose loss was no longer finite stays where it was. */
  goTo(step) {
    for (const run of this.runs) run.goTo(Math.min(step, run.furthest));
  }

  /** Towards any step, back or, within `milliseconds`, forth; returns how many new ones were taken. */
  reach(step, milliseconds) {
    this.goTo(Math.min(step, this.furthest));
    return this.spend(milliseconds, step - this.step);
  }

  /** Up to `most` steps within `milliseconds`; returns how many. */
  spend(milliseconds, most) {
    const end = performance.now() + milliseconds;
    let taken = 0;
    while (taken < most && performance.now() < end) {
      const now = this.advance(Math.min(AT_ONCE, most - taken));
      taken += now;
      if (now === 0) break; // neither network can go on
    }
    return taken;
  }

  /** What does not change while the networks train. */
  describe() {
    const [{ inputs, labels, classes }] = this.runs;
    return { inputs, labels, classes, window: this.window, sizes: this.runs.map((r) => r.sizes) };
  }

  /** What there is to see: for each network its measures, decision regions and, if asked, history. */
  frame(withHistory) {
    const sides = this.runs.map((run, i) => {
      const measures = run.measure();
      run.predict(this.points, this.shares[i]);
      const side = { ...measures, shares: Float32Array.from(this.shares[i]) };
      if (withHistory) side.history = run.history();
      return side;
    });
    return { step: this.step, furthest: this.furthest, sides };
  }

  /** All weights layer by layer, then all biases, of one network: at step 0 and now. */
  parameters(side) {
    const { W, b } = this.runs[side].parameters();
    const now = new Float64Array(this.runs[side].start.length);
    let at = 0;
    for (const array of [...W, ...b]) {
      now.set(array, at);
      at += array.length;
    }
    return { start: this.runs[side].start.slice(), now };
  }
}
