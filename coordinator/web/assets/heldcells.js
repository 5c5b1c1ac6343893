// What a report has of the cells of a text, or of the channels of a layer over it: it ranks them by a range, as a coordinator does
// (nn/look/cells.go), and tells what those hold of which it has no other numbers.
const told = 40; // cells, and places

export class HeldCells {
  constructor({ state, of, cells, held, extremes }) {
    const values = Uint8Array.from(atob(held), (c) => c.charCodeAt(0));
    Object.assign(this, { state, of, cells, values, extremes, symbols: values.length / cells.length });
  }

  // track is tanh of what a cell holds behind each symbol; null: it is not kept.
  track(cell) {
    const at = this.cells.indexOf(cell);
    if (at < 0) return null;
    const [low, high] = this.extremes[at];
    return Array.from(this.values.subarray(at * this.symbols, (at + 1) * this.symbols), (v) => low + ((high - low) * v) / 255);
  }

  // numbers is what a cell holds, as nearly as tanh of it tells.
  numbers(cell) {
    return this.track(cell)?.map((v) => Math.atanh(Math.min(Math.max(v, -0.999), 0.999))) ?? null;
  }

  // ranked is a cell and how much it stands out in symbols a to b-1.
  ranked(cell, a, b) {
    const track = this.track(cell), n = track.length;
    let inside = 0, outside = 0, square = 0;
    track.forEach((v, i) => (i >= a && i < b ? (inside += v) : (outside += v)));
    const mean = (inside + outside) / n;
    for (const v of track) square += (v - mean) ** 2;
    const [within, without, deviation] = [inside / (b - a), outside / (n - b + a), Math.sqrt(square / n)];
    return { cell, inside: within, outside: without, score: deviation > 0 ? (within - without) / deviation : 0 };
  }

  // runs is where else a cell is on as it is in the range: beyond half of the way from its mean outside to that inside.
  runs({ cell, inside, outside }, a, b) {
    const track = this.track(cell), sign = inside < outside ? -1 : 1, middle = (inside + outside) / 2, list = [];
    for (let i = 0; i < track.length; i++) {
      let sum = 0;
      const from = i;
      for (; i < track.length && sign * (track[i] - middle) > 0; i++) sum += track[i];
      if (i > from && (i <= a || from >= b)) list.push({ from, to: i, mean: sum / (i - from) });
    }
    return list.sort((x, y) => sign * (y.mean - x.mean));
  }

  // rank orders the cells by how much they stand out in symbols a to b-1, and says where else in the text one of them, or else the
  // first, is on.
  rank(a, b, cell) {
    const n = this.symbols;
    if (!(a >= 0 && b > a && b <= n && b - a < n)) throw new Error(`range ${a}:${b}: a part of the text's ${n} symbols, from 0 on, is wanted`);
    const cells = this.cells.map((c) => this.ranked(c, a, b)).sort((x, y) => Math.abs(y.score) - Math.abs(x.score) || x.cell - y.cell);
    const one = cells.find((c) => c.cell === cell) ?? cells[0], places = this.runs(one, a, b);
    return { state: this.state, from: a, to: b, cells: cells.slice(0, told), cell: one, places: places.slice(0, told), all: places.length, kept: this.cells.length, of: this.of };
  }
}
