// Matrix products with a promised order of addition.
//
// out[r, c] = sum over k of a[r, k] * b[k, c], every sum taken from the first term to the last, as
// initlab.network.ordered_matmul does: columns that are equal stay equal to the bit. Columns are
// worked on BLOCK at a time, as fast libraries do, and that alone changes no sum. The libraries
// may also add the columns left over at the edge in another order; with `edgeBackwards` this
// product does so, from the last term to the first, and shows what comes of it: equal columns, one
// in a block and one at the edge, may then differ in the last bit.

export const BLOCK = 4;

/**
 * a[r, k] is a[r * aRow + k * aTerm]: a transpose is a change of strides. b (terms x columns) and
 * out (rows x columns) lie row by row.
 */
export function multiply(out, a, aRow, aTerm, b, rows, terms, columns, edgeBackwards) {
  const edge = columns - (columns % BLOCK);
  for (let c = 0; c < edge; c += BLOCK) {
    for (let r = 0; r < rows; r += 1) {
      let i = r * aRow;
      let j = c;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let k = 0; k < terms; k += 1) {
        const x = a[i];
        s0 += x * b[j];
        s1 += x * b[j + 1];
        s2 += x * b[j + 2];
        s3 += x * b[j + 3];
        i += aTerm;
        j += columns;
      }
      const at = r * columns + c;
      out[at] = s0;
      out[at + 1] = s1;
      out[at + 2] = s2;
      out[at + 3] = s3;
    }
  }
  // From the first term to the last, or back: a start and a direction.
  const start = edgeBackwards ? terms - 1 : 0;
  const turn = edgeBackwards ? -1 : 1;
  for (let c = edge; c < columns; c += 1) {
    for (let r = 0; r < rows; r += 1) {
      let i = r * aRow + start * aTerm;
      let j = c + start * columns;
      let sum = 0;
      for (let k = 0; k < terms; k += 1) {
        sum += a[i] * b[j];
        i += turn * aTerm;
        j += turn * columns;
      }
      out[r * columns + c] = sum;
    }
  }
}

/** `matrix` (rows x columns) turned: out is columns x rows. */
export function transpose(out, matrix, rows, columns) {
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < columns; c += 1) out[c * rows + r] = matrix[r * columns + c];
  }
}
