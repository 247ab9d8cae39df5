// Which units of a hidden layer equal each other (initlab.diagnostics.unit_vectors, unit_groups).
//
// A unit is its column of incoming weights, its bias and its row of outgoing weights. Two are equal
// if no entry differs by more than `tolerance` times the largest absolute value of them all; with
// tolerance 0 they must agree to the last bit. A unit with NaN or infinity equals no other.

/** Entry `row` of unit `unit` of the hidden layer at index l: incoming, bias, outgoing. */
function entry(network, l, row, unit) {
  const fanIn = network.sizes[l];
  const units = network.sizes[l + 1];
  if (row < fanIn) return network.W[l][row * units + unit];
  if (row === fanIn) return network.b[l][unit];
  return network.W[l + 1][unit * network.sizes[l + 2] + row - fanIn - 1];
}

/**
 * For each unit of the hidden layer at index l, the index of the unit it is a copy of, or its own:
 * the first unit that equals it and is no copy itself. Fills `groups`; returns how many differ.
 */
export function unitGroups(network, l, tolerance, groups) {
  const units = network.sizes[l + 1];
  const rows = network.sizes[l] + 1 + network.sizes[l + 2];
  let largest = 0;
  for (let row = 0; row < rows; row += 1) {
    for (let unit = 0; unit < units; unit += 1) {
      const size = Math.abs(entry(network, l, row, unit));
      if (size > largest && size < Infinity) largest = size;
    }
  }
  const allowed = tolerance * largest;
  let distinct = 0;
  for (let unit = 0; unit < units; unit += 1) {
    let first = 0;
    while (first < unit && !(groups[first] === first && equal(network, l, first, unit, allowed))) {
      first += 1;
    }
    groups[unit] = first;
    if (first === unit) distinct += 1;
  }
  return distinct;
}

function equal(network, l, p, q, allowed) {
  const rows = network.sizes[l] + 1 + network.sizes[l + 2];
  for (let row = 0; row < rows; row += 1) {
    // Written so that NaN, and infinity minus infinity, is not equal.
    if (!(Math.abs(entry(network, l, row, p) - entry(network, l, row, q)) <= allowed)) return false;
  }
  return true;
}
