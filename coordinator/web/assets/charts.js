// The charts. Each is one uPlot, made once, and given new data when some came.
import { byId } from "./dom.js";
import * as f from "./format.js";
import { Chart } from "./chart.js";

const there = (y) => y !== null && y !== undefined;

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

// sensible is the range of values worth seeing: from the lowest to nearly the
// highest, so that the first steps of a run, or one wild step, do not flatten
// the rest. Those in `always` are shown too. A run that goes astray has values
// that none of the others could be seen beside: they are left out for the others.
const astray = 50; // times the median
export function sensible(ys, cut = 0.97, always = []) {
  const sorted = ys.filter(there).sort((a, b) => a - b);
  if (sorted.length === 0) return [0, 1];
  const beyond = astray * Math.abs(sorted[sorted.length >> 1]) || Infinity;
  let at = sorted.length < 60 ? sorted.length - 1 : Math.floor(cut * (sorted.length - 1));
  if (sorted[at] > beyond) at = sorted.findLastIndex((y) => y <= beyond / astray * 2);
  const top = sorted[at];
  const shown = always.filter((y) => there(y) && y <= beyond);
  const low = Math.min(sorted[0], ...shown), high = Math.max(top, ...shown);
  const pad = Math.max((high - low) * 0.08, Math.abs(high) * 0.01, 1e-9);
  return [low - pad, high + pad];
}

const column = (points, field, factor = 1) => points.map((p) => (Number.isFinite(p[field]) ? p[field] * factor : null));
const losses = (points) => points.map((p) => (Number.isFinite(f.loss(p)) ? f.loss(p) : null));
// round drops the zeros that a tick does not need: 40.0 k is 40 k.
const round = (v) => f.count(v).replace(/\.0+(?=\D|$)/, "");
const counts = (vs) => vs.map(round);
const fromZero = (ys, cut) => [0, Math.max(sensible(ys, cut)[1], 1e-9)];

// stack adds columns on top of each other.
function stack(columns) {
  let below = null;
  return columns.map((ys) => (below = ys.map((y, i) => (there(y) ? y + (below?.[i] ?? 0) : y))));
}

// joined puts tables of steps and columns, which have steps of their own, on one
// axis. A column is undefined at steps that it does not have.
function joined(...tables) {
  const [steps, ...columns] = window.uPlot.join(tables);
  return [steps, columns];
}

// broken are the steps of a table whose loss was not finite.
const broken = (list) => list.filter((p) => !Number.isFinite(f.loss(p))).map((p) => p.step);

export class Charts {
  constructor() {
    this.loss = new Chart(byId("chart-loss"), {
      series: [
        { name: "each step", colour: "--raw", width: 1, say: f.bits },
        { name: "smoothed", colour: "--accent", width: 2, say: f.bits },
        { name: "held-out", colour: "--held", width: 1.5, dots: true, say: f.bits },
      ],
      ticks: f.ticks, scale: ([raw, mean, held]) => sensible(raw.length < 60 ? raw : mean, 0.92, held),
    });
    this.rate = new Chart(byId("chart-rate"), {
      series: [{ name: "now", colour: "--accent", width: 1.5, fill: true, say: f.count }], ticks: counts, scale: ([ys]) => fromZero(ys, 1) });
    this.time = new Chart(byId("chart-time"), {
      series: [["wait", "--waiting"], ["ring", "--ringing"], ["compute", "--compute"]].map(([name, colour]) => ({ name, colour, width: 1, area: true, say: f.small })),
      ticks: f.ticks, scale: ([top]) => fromZero(top, 0.99), differences: true });
    this.lr = new Chart(byId("chart-lr"), {
      series: [{ name: "now", colour: "--accent", width: 2, say: f.small }, { name: "planned", colour: "--raw", width: 1, say: f.small }],
      ticks: f.ticks, scale: ([ys, plan]) => fromZero([...ys, ...plan], 1) });
    this.norm = new Chart(byId("chart-norm"), {
      series: [{ name: "each step", colour: "--raw", width: 1, say: f.small }, { name: "smoothed", colour: "--accent", width: 2, say: f.small }],
      ticks: f.ticks, scale: ([ys]) => fromZero(ys) });
    this.stamp = "";
  }

  // remove lets go of the canvases.
  remove() {
    for (const chart of [this.loss, this.rate, this.time, this.lr, this.norm]) chart.remove();
  }

  draw(points, evaluations, schedule) {
    if (points.length === 0) return;
    const stamp = [points.length, points[0].step, points.at(-1).step, evaluations.length].join(" ");
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    const steps = column(points, "step");
    const width = Math.min(100, Math.max(4, points.length / 40));
    this.drawLoss(points, evaluations, steps, width);
    this.rate.draw(steps, [column(points, "rate")]);
    const [compute, ring, wait] = stack(["compute", "ring", "wait"].map((k) => column(points, k, 1000)));
    this.time.draw(steps, [wait, ring, compute]);
    this.drawRate(points, schedule, steps);
    const norm = column(points, "norm");
    this.norm.draw(steps, [norm, smooth(norm, width)], steps, points.filter((p) => !Number.isFinite(p.norm)).map((p) => p.step));
  }

  // drawRate puts the whole schedule beneath what has been of it.
  drawRate(points, schedule, steps) {
    const [all, columns] = joined([steps, column(points, "lr")], [column(schedule, "step"), column(schedule, "lr")]);
    this.lr.draw(all, columns, steps);
  }

  // drawLoss puts the evaluations, which have steps of their own, on one axis
  // with the training curve.
  drawLoss(points, evaluations, steps, width) {
    const bits = losses(points);
    const [all, columns] = joined([steps, bits, smooth(bits, width)], [column(evaluations, "step"), losses(evaluations)]);
    this.loss.draw(all, columns, all, [...broken(points), ...broken(evaluations)]);
  }
}
