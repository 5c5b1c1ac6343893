// Ranges of values that are worth seeing, and smooth lines. Everything here is pure.

export const there = (y) => y !== null && y !== undefined;

// smooth is the mean of ys over `width` points around each; over fewer near the
// start, where values fall fast, and near the end. Holes stay holes.
export function smooth(ys, width) {
  const sums = [0], counts = [0]; // of all before
  ys.forEach((y, i) => {
    sums.push(sums[i] + (y ?? 0));
    counts.push(counts[i] + (there(y) ? 1 : 0));
  });
  return ys.map((y, i) => {
    if (!there(y)) return y;
    const half = Math.floor(Math.min(width / 2, i / 6));
    const from = i - half, to = Math.min(ys.length, i + half + 1);
    return (sums[to] - sums[from]) / (counts[to] - counts[from]);
  });
}

// sensible is the range of values worth seeing: from the lowest to nearly the highest, so that the first steps of a run, or
// one wild step, do not flatten the rest. Where the highest are not far from the others nothing is left out. The last
// value, and those in `always`, are shown too. A run that goes astray has values that none of the others could be seen
// beside: they are left out for the others.
const astray = 50; // times what the run began with, or its median
const far = 2; // times the range of the others
export function sensible(ys, cut = 0.97, always = []) {
  const sorted = ys.filter(there).sort((a, b) => a - b);
  if (sorted.length === 0) return [0, 1];
  const begun = ys.filter(there).slice(0, 5).sort((a, b) => a - b);
  const usual = Math.max(Math.abs(sorted[sorted.length >> 1]), sorted.length < 60 ? 0 : Math.abs(begun[begun.length >> 1]));
  const beyond = astray * usual || Infinity, low = sorted[0], most = sorted.at(-1);
  let top = sorted.length < 60 ? most : sorted[Math.floor(cut * (sorted.length - 1))];
  if (top > beyond) top = sorted.findLast((y) => y <= 2 * usual) ?? top;
  if (most <= beyond && most - low <= far * (top - low)) top = most;
  const shown = [...always, ys.findLast(there)].filter((y) => there(y) && y <= beyond);
  return padded(Math.min(low, ...shown), Math.max(top, ...shown));
}

// full is the range of all values.
export function full(...columns) {
  let low = Infinity, high = -Infinity;
  for (const ys of columns) {
    for (const y of ys) {
      if (!there(y)) continue;
      low = Math.min(low, y);
      high = Math.max(high, y);
    }
  }
  return low <= high ? padded(low, high) : [0, 1];
}

function padded(low, high) {
  const pad = Math.max((high - low) * 0.08, Math.abs(high) * 0.01, 1e-9);
  return [low - pad, high + pad];
}

// positive makes a range fit for a logarithmic axis over the values of columns.
export function positive([low, high], ...columns) {
  let least = Infinity;
  for (const ys of columns) for (const y of ys) if (y > 0 && y < least) least = y;
  if (least === Infinity) return [0.1, 1];
  low = low > 0 ? low : least / 1.1;
  return [low, Math.max(high, low * 1.5)];
}

// stack adds columns on top of each other.
export function stack(columns) {
  let below = null;
  return columns.map((ys) => (below = ys.map((y, i) => (there(y) ? y + (below?.[i] ?? 0) : y))));
}
