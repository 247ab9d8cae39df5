// Orthonormal columns from random ones.

/**
 * Orthonormalize the columns of a tall matrix (rows x columns, row by row) in place.
 *
 * Gram-Schmidt, taken twice a column, which is enough for full precision (Giraud, Langou &
 * Rozloznik 2005). It is a QR factorization whose R has a positive diagonal; from normal entries,
 * Q is then uniform over the orthogonal matrices (Mezzadri 2007).
 */
export function orthonormalColumns(matrix, rows, columns) {
  const dot = (p, q) => {
    let sum = 0;
    for (let r = 0; r < rows; r += 1) sum += matrix[r * columns + p] * matrix[r * columns + q];
    return sum;
  };
  for (let c = 0; c < columns; c += 1) {
    for (let pass = 0; pass < 2; pass += 1) {
      for (let p = 0; p < c; p += 1) {
        const along = dot(p, c);
        for (let r = 0; r < rows; r += 1) {
          matrix[r * columns + c] -= along * matrix[r * columns + p];
        }
      }
    }
    const length = Math.sqrt(dot(c, c));
    for (let r = 0; r < rows; r += 1) matrix[r * columns + c] /= length;
  }
}
