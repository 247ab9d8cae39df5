// What a run looked like at some of its steps, in bounded memory: a table of numbers, one row a
// recorded step. Rows lie `stride` steps apart, the first at step 0; when the table is full, every
// other row is given up and the stride doubles.

export class History {
  /** Room for `capacity` (even) rows of `columns` numbers. */
  constructor(columns, capacity = 1024) {
    this.columns = columns;
    this.capacity = capacity;
    this.rows = new Float64Array(columns * capacity);
    this.clear();
  }

  clear() {
    this.count = 0;
    this.stride = 1;
  }

  /** Whether `step` is to be recorded next. */
  wants(step) {
    return step === this.count * this.stride;
  }

  /** Record `row`, an array of numbers, for a step that is wanted. */
  push(row) {
    if (this.count === this.capacity) this.thin();
    this.rows.set(row, this.columns * this.count);
    this.count += 1;
  }

  // A full table wants step capacity * stride, and so does one half as full of twice the stride.
  thin() {
    const { rows, columns } = this;
    this.count /= 2;
    for (let i = 1; i < this.count; i += 1) {
      rows.copyWithin(columns * i, 2 * columns * i, columns * (2 * i + 1));
    }
    this.stride *= 2;
  }

  /** The recorded steps. */
  steps() {
    return Float64Array.from({ length: this.count }, (_, i) => i * this.stride);
  }

  /** One column as a new array. */
  column(index) {
    return Float64Array.from(
      { length: this.count }, (_, i) => this.rows[i * this.columns + index]);
  }
}
