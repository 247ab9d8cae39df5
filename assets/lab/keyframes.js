// Copies of the state of a run at some of its steps, in bounded memory: from the nearest one at or
// below, any step that was taken can be computed again.
//
// Frames lie `stride` steps apart, the first at step 0. When all slots are full, every other frame
// is given up and the stride doubles.

export class Keyframes {
  /** Room for `slots` (even) copies of the arrays of `state`, a list of typed arrays. */
  constructor(state, slots = 64) {
    this.state = state;
    this.frames = Array.from({ length: slots }, () => state.map((array) => array.slice()));
    this.clear();
  }

  clear() {
    this.count = 0;
    this.stride = 1;
  }

  /** Keep the state of `step` if it is the next multiple of the stride. */
  offer(step) {
    if (step !== this.count * this.stride) return;
    if (this.count === this.frames.length) {
      this.count /= 2;
      for (let i = 0; i < this.count; i += 1) {
        const kept = this.frames[2 * i];
        this.frames[2 * i] = this.frames[i];
        this.frames[i] = kept;
      }
      this.stride *= 2;
    }
    copy(this.frames[this.count], this.state);
    this.count += 1;
  }

  /** The last step at or below `step` of which there is a copy. */
  below(step) {
    return this.stride * Math.min(Math.floor(step / this.stride), this.count - 1);
  }

  /** Put back the state of that step; returns it. */
  restore(step) {
    const found = this.below(step);
    copy(this.state, this.frames[found / this.stride]);
    return found;
  }
}

function copy(to, from) {
  for (let i = 0; i < to.length; i += 1) to[i].set(from[i]);
}
