// The charts of a run. Each is one uPlot, made once, and given new data when some
// came or when the reader chose something.
import { Chart } from "./chart.js";
import { byId, setText, text } from "./dom.js";
import * as f from "./format.js";
import { full, positive, sensible, smooth, stack, there } from "./scale.js";
import { axisOf } from "./xaxis.js";

// round drops the zeros that a tick does not need: 40.0 k is 40 k.
const round = (v) => f.count(v).replace(/\.0+(?=\D|$)/, "");
const counts = (vs) => vs.map(round);
const edges = (say) => ["highest", "lowest"].map((name) => ({ name, colour: "--raw", edge: true, say }));
const line = (name, colour, width, say, more = {}) => ({ name, colour, width, say, ...more });

// joined puts tables of steps and columns, which have steps of their own, on one
// axis. A column is undefined at steps that it does not have.
function joined(...tables) {
  const [steps, ...columns] = window.uPlot.join(tables);
  return [steps, columns];
}

// widthOf is over how many points a line is smoothed, for a setting from 0 to 1.
export const widthOf = (setting, points) => (setting > 0 ? Math.min(points / 4, Math.max(4, (setting * setting * points) / 14)) : 0);

// scaled chooses the range of y: as typed, as cut for the wild ones, or all of it.
const scaled = (cut, zero) => (columns, view) => {
  const [low, high] = view.clip ? cut(columns) : full(...columns);
  const range = zero && !view.logY ? [0, Math.max(high, 1e-9)] : [low, high];
  return view.logY ? positive(range, ...columns) : range;
};

export class Charts {
  constructor(store) {
    const make = (name, options) => new Chart(byId(`chart-${name}`), store, options);
    this.loss = make("loss", {
      series: [...edges(f.bits), line("each step", "--raw", 1, f.bits), line("smoothed", "--accent", 2, f.bits), line("held-out", "--held", 1.5, f.bits, { dots: true })],
      ticks: f.ticks, scale: (columns, view) => typed(view.limits, scaled(([, , raw, mean, held]) => sensible(raw.length < 60 ? raw : mean.some(there) ? mean : raw, 0.92, held.slice(view.before)))(columns, view), view) });
    this.rate = make("rate", { series: [...edges(f.count), line("mean", "--accent", 1.5, f.count, { fill: true })], ticks: counts, scale: scaled(([high]) => sensible(high, 1), true) });
    this.time = make("time", {
      series: [["wait", "--waiting"], ["ring", "--ringing"], ["compute", "--compute"]].map(([name, colour]) => line(name, colour, 1, f.small, { area: true })),
      ticks: f.ticks, scale: scaled(([top]) => sensible(top, 0.99), true), differences: true });
    this.lr = make("lr", { series: [line("now", "--accent", 2, f.small), line("planned", "--raw", 1, f.small)], ticks: f.ticks, scale: scaled((columns) => full(...columns), true) });
    this.norm = make("norm", { series: [...edges(f.small), line("each step", "--raw", 1, f.small), line("smoothed", "--accent", 2, f.small)], ticks: f.ticks, scale: scaled(([high]) => sensible(high), true) });
    this.measure = make("measure", { series: [line("", "--held", 1.5, (v) => this.sayMeasure(v), { dots: true })], ticks: f.ticks, scale: ([ys]) => full(ys) });
  }

  // remove lets go of the canvases.
  remove() {
    for (const chart of [this.loss, this.rate, this.time, this.lr, this.norm, this.measure]) chart.remove();
  }

  // draw shows a history's buckets as the reader chose.
  draw(data, status, chosen, happened) {
    if (!data || data.steps.length === 0) return;
    const { steps, columns } = data;
    const axis = axisOf(chosen.by, status, data);
    const range = chosen.range && [Math.max(chosen.range[0], data.from), Math.min(chosen.range[1], Math.max(data.end, chosen.range[0] + 1))];
    const view = { ...chosen, axis, range, happened, width: data.width, first: data.from, end: data.end };
    const flat = { ...view, logY: false };
    this.width = widthOf(chosen.smooth, steps.length);
    this.drawLoss(view, data, status);
    const { rate, norm } = columns;
    this.rate.draw(flat, steps, [rate.max, rate.min, rate.mean]);
    const [compute, ring, wait] = stack(["compute", "ring", "wait"].map((name) => columns[name].mean.map((v) => (there(v) ? v * 1000 : v))));
    this.time.draw(flat, steps, [wait, ring, compute]);
    this.drawPlan(view, data, status.run.schedule ?? []);
    this.norm.draw(view, steps, [norm.max, norm.min, norm.last, this.smoothed(norm.mean)], steps, brokenOf(norm, steps));
    this.drawMeasure(flat, status.evaluations ?? []);
    text("time-sub", `ms${(status.workers ?? []).length > 1 ? `, of ${status.workers[0].name}` : ""}`);
  }

  smoothed(ys) {
    return this.width > 0 ? smooth(ys, this.width) : ys.map(() => undefined);
  }

  // drawLoss puts the evaluations, which have steps of their own, on one axis
  // with the training curve.
  drawLoss(view, { steps, columns }, status) {
    const { loss } = columns, unit = status.run.plain_loss ? 1 : 1 / Math.LN2;
    const of = (ys) => ys.map((y) => (there(y) ? y * unit : y));
    const held = within(status.evaluations ?? [], view, steps);
    const [all, drawn] = joined([steps, of(loss.max), of(loss.min), of(loss.last), of(this.smoothed(loss.mean))],
      [held.map((e) => e.step), held.map((e) => (Number.isFinite(f.loss(e)) ? f.loss(e) : null))]);
    const bad = [...new Set([...brokenOf(loss, steps), ...held.filter((e) => !Number.isFinite(f.loss(e))).map((e) => e.step)])];
    const before = view.range && held[0]?.step < view.range[0] ? all.indexOf(held[0].step) + 1 : 0;
    this.loss.draw({ ...view, before }, all, drawn, all, bad.sort((a, b) => a - b));
  }

  // drawPlan puts the whole schedule beneath what has been of it.
  drawPlan(view, { steps, columns }, schedule) {
    const [all, drawn] = joined([steps, columns.lr.last], [schedule.map((p) => p.step), schedule.map((p) => p.lr)]);
    this.lr.draw({ ...view, happened: [] }, all, drawn, steps);
  }

  // drawMeasure shows what a task measures first, where that is a number for all.
  drawMeasure(view, evaluations) {
    const list = evaluations.filter((e) => Number.isFinite(e.measures?.[0]?.value));
    const first = list.at(-1)?.measures[0];
    byId("measure-card").hidden = !first;
    if (!first) return;
    setText(byId("h-measure").firstChild, `${f.capital(first.name)} `);
    const times = first.unit === "share" ? 100 : 1;
    text("measure-unit", first.unit === "share" ? "% of the held-out set" : `${first.unit ?? ""}, held-out`.replace(/^, /, ""));
    this.sayMeasure = (v) => f.measureValue({ ...first, value: v / times });
    this.measure.draw({ ...view, range: view.range ?? [view.first, Math.max(list.at(-1).step, view.first + 1)] }, list.map((e) => e.step), [list.map((e) => e.measures[0].value * times)]);
  }
}

// within are the evaluations of the steps that are shown, and the one before them,
// which is the newest at the first of them.
function within(list, { range }, steps) {
  const [from, to] = range ?? [0, Math.max(steps.at(-1), list.at(-1)?.step ?? 0)];
  const first = list.findLastIndex((e) => e.step < from);
  return list.filter((e, i) => i >= first && e.step <= to);
}

const brokenOf = (column, steps) => steps.filter((_, i) => column.bad[i] > 0);

// typed puts the limits that a reader wrote in place of those found.
export const typed = ([low, high], range, { logY }) => {
  const limits = [low !== null && !(logY && low <= 0) ? low : range[0], high ?? range[1]];
  return limits[0] < limits[1] ? limits : range;
};
