// The part of the plane that is drawn, and the grid of points at which networks are asked.

/** The plane is looked at on a grid of this many points each way. */
export const GRID = 44;
const MARGIN = 0.12; // of the data's extent, on each side

/** The part of the plane that holds the data, the same for both networks: a square. */
export function windowOf(inputs) {
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  inputs.forEach((value, i) => {
    low[i % 2] = Math.min(low[i % 2], value);
    high[i % 2] = Math.max(high[i % 2], value);
  });
  const half = (Math.max(high[0] - low[0], high[1] - low[1]) / 2) * (1 + 2 * MARGIN);
  const middle = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2];
  return { left: middle[0] - half, top: middle[1] + half, size: 2 * half };
}

/** The grid's points row by row from the top left, two numbers each. */
export function gridPoints({ left, top, size }) {
  const points = new Float64Array(2 * GRID * GRID);
  for (let row = 0; row < GRID; row += 1) {
    for (let column = 0; column < GRID; column += 1) {
      const at = 2 * (row * GRID + column);
      points[at] = left + (size * (column + 0.5)) / GRID;
      points[at + 1] = top - (size * (row + 0.5)) / GRID;
    }
  }
  return points;
}
