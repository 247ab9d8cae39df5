// Minibatches as the package draws them (code/initlab/training.py): without replacement from a fresh
// shuffle every epoch; an incomplete last batch is left for the next shuffle.

export class Batches {
  /** Batches of `size` out of `n` samples, drawn by a Random of their own. */
  constructor(n, size, rng) {
    this.size = size;
    this.rng = rng;
    this.order = new Uint32Array(n);
    this.start = Uint32Array.of(n); // of the next batch; a new epoch is due
    this.initial = rng.state.slice();
    this.rewind();
  }

  /** Begin again with the very batches of the first time. */
  rewind() {
    this.rng.state.set(this.initial);
    for (let i = 0; i < this.order.length; i += 1) this.order[i] = i;
    this.start[0] = this.order.length;
  }

  /** Move on to the next batch: entries `start` to `start + size` of `order`, as returned. */
  next() {
    if (this.start[0] + this.size > this.order.length) {
      this.rng.shuffle(this.order);
      this.start[0] = 0;
    }
    const start = this.start[0];
    this.start[0] += this.size;
    return start;
  }

  /** The arrays that are the whole state: copied out and back in, they replay the batches. */
  get state() {
    return [this.rng.state, this.order, this.start];
  }
}
