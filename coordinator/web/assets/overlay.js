// The curves of several runs over one another. Every chart has a line for each run
// in the run's own colour, and behind it the band from its lowest to its highest.
import { Chart } from "./chart.js";
import { typed, widthOf } from "./charts.js";
import { make } from "./dom.js";
import * as f from "./format.js";
import { full, positive, sensible, smooth, there } from "./scale.js";
import { axisOf } from "./xaxis.js";

const banded = 4; // runs that have a band; of more it hides the lines
const legended = 8; // runs whose values a chart's legend tells; of more the table does
const dashes = [undefined, [6, 4], [2, 3], [8, 3, 2, 3]];

// colourOf is the colour of the n-th run, and with dashOf what tells those apart that share one.
export const colourOf = (n) => `--w${n % 8}`;
const dashOf = (n) => dashes[Math.floor(n / 8) % dashes.length];

// A metric of the steps is a column of the history; one of evaluations is their loss or a measure.
export const key = (m) => (m.held ? `held-out ${m.name}` : m.name);

// metricsOf lists what the runs have values of.
export function metricsOf(runs) {
  const names = (of) => [...new Set(runs.flatMap((r) => Object.keys(r[of])))];
  const steps = names("columns"), order = ["loss", "norm", "lr", "rate"];
  const rank = (name) => (order.indexOf(name) + 1) || 99;
  return [...steps.sort((a, b) => rank(a) - rank(b)).map((name) => ({ name, held: false })), ...names("evaluations").sort((a, b) => rank(a) - rank(b)).map((name) => ({ name, held: true }))];
}

// What is best of a metric: "least", "most", or neither of a learning rate.
export function bestOf({ name, held }) {
  if (name === "lr") return null;
  if (held && name !== "loss") return /error|wrong|loss/i.test(name) ? "least" : "most";
  return name === "rate" ? "most" : "least";
}

// A loss is shown in bits unless a run's is none.
const unitOf = ({ name }, runs) => (name === "loss" && !runs.some((r) => r.summary.run.plain_loss) ? 1 / Math.LN2 : 1);

// sayer gives a function that writes a metric's values, as they are stored.
export function sayer(m, runs) {
  const unit = unitOf(m, runs);
  if (m.name === "loss") return (v) => f.bits(v * unit);
  if (m.held) {
    const measure = runs.flatMap((r) => r.status?.evaluations ?? []).flatMap((e) => e.measures ?? []).find((x) => x.name === m.name);
    return (v) => f.measureValue({ value: v, unit: measure?.unit });
  }
  if (["compute", "ring", "wait", "data"].includes(m.name)) return f.millis;
  return m.name === "rate" ? f.count : f.small;
}

// valueOf is what an evaluation found; null for nothing finite.
export function valueOf(e, name) {
  const v = name === "loss" ? e.loss : e.measures?.find((x) => x.name === name)?.value;
  return Number.isFinite(v) ? v : null;
}

const words = { loss: "Loss", norm: "Gradient norm", lr: "Learning rate", rate: "Throughput" };

export function titleOf(m, runs) {
  const unit = m.name === "loss" ? (unitOf(m, runs) === 1 ? "loss" : f.lossUnit()) : "";
  return [m.held ? `Held-out ${m.name}` : words[m.name] ?? f.capital(m.name), unit];
}

// OverlayChart is one metric of all runs that are shown.
export class OverlayChart {
  constructor(store, metric, runs) {
    Object.assign(this, { metric });
    const say = sayer(metric, runs), unit = unitOf(metric, runs);
    this.bands = !metric.held && runs.length <= banded;
    const edges = (r) => ["highest", "lowest"].map((name) => ({ name, colour: colourOf(r.index), edge: true, say }));
    const line = (r) => ({ name: r.name, colour: colourOf(r.index), dash: dashOf(r.index), width: 1.75, say: (v) => say(v / unit), dots: metric.held });
    const [title, words] = titleOf(metric, runs);
    this.figure = make("figure", { class: "chart", "data-metric": key(metric) });
    if (runs.length > legended) this.figure.classList.add("unnamed");
    this.card = make("section", { class: "card", "aria-label": title }, make("h2", {}, `${title} `, make("small", {}, words)), this.figure);
    const lines = (this.bands ? runs.flatMap((r) => [...edges(r), line(r)]) : runs.map(line));
    const cut = (columns) => sensible(columns.filter((_, i) => !lines[i].edge).flat(), metric.held || metric.name === "lr" ? 1 : 0.97);
    this.unit = unit;
    this.chart = new Chart(this.figure, store, { series: lines, ticks: metric.name === "rate" ? (vs) => vs.map((v) => f.count(v)) : f.ticks, scale: (columns, view) => {
      const range = view.clip ? cut(columns) : full(...columns);
      const fit = view.logY ? positive(range, ...columns) : range;
      return metric.name === "loss" ? typed(view.limits, fit, view) : fit;
    } });
  }

  remove() {
    this.chart.remove();
  }

  // draw shows runs as the reader chose. Each run counts its own samples and has its
  // own clock; where they are the axis, it stands where the base was at as many.
  draw(chosen, runs, base) {
    const axes = runs.map((r) => axisOf(chosen.by, r.status, r.data));
    const axis = axisOf(chosen.by, base.status, base.data);
    const place = (i) => (runs[i] === base || chosen.by === "step" ? (step) => step : (step) => axis.from(axes[i].to(step)));
    const tables = runs.map((r, i) => this.table(r, place(i), chosen)).filter((t) => t[0].length > 0);
    if (tables.length < runs.length || runs.length === 0) return this.drawSome(chosen, runs, tables, axis);
    this.show(chosen, tables, axis);
  }

  // drawSome is for runs of which some have nothing: theirs are empty columns.
  drawSome(chosen, runs, tables, axis) {
    if (tables.length === 0) return;
    const wide = this.bands ? 3 : 1, steps = tables[0][0];
    const all = runs.map((r) => tables.find((t) => t.run === r) ?? [steps, ...Array(wide).fill(steps.map(() => undefined))]);
    this.show(chosen, all, axis);
  }

  show(chosen, tables, axis) {
    const [steps, ...columns] = window.uPlot.join(tables);
    const broken = tables.flatMap((t) => t.broken ?? []).sort((a, b) => a - b);
    const range = chosen.range && [Math.max(chosen.range[0], 1), Math.max(Math.min(chosen.range[1], steps.at(-1)), chosen.range[0] + 1)];
    this.chart.draw({ ...chosen, axis, range, happened: [], width: 1, first: steps[0] }, steps, columns, steps, broken);
  }

  // table is a run's steps, where they are placed, and its columns.
  table(r, place, chosen) {
    const { name, held } = this.metric, of = (ys) => ys.map((y) => (there(y) ? y * this.unit : null));
    let table, broken = [];
    if (held) {
      const [from, to] = chosen.range ?? [0, Infinity];
      const list = (r.status.evaluations ?? []).filter((e) => e.step >= from && e.step <= to);
      table = [list.map((e) => e.step), list.map((e) => valueOf(e, name))].map((ys, i) => (i ? of(ys) : ys));
    } else {
      const c = r.data.columns[name];
      broken = (c?.bad ?? []).flatMap((n, i) => (n > 0 ? [place(r.data.steps[i])] : []));
      const none = r.data.steps.map(() => null);
      const width = widthOf(chosen.smooth, r.data.steps.length);
      const line = !c ? none : of(name === "lr" || width === 0 ? c.last : smooth(c.mean, width));
      table = [r.data.steps, ...(this.bands ? [of(c?.max ?? none), of(c?.min ?? none)] : []), line];
    }
    const steps = table[0].map(place), kept = steps.map((s, i) => i === 0 || s > steps[i - 1]);
    table = [steps, ...table.slice(1)].map((ys) => ys.filter((_, i) => kept[i]));
    return Object.assign(table, { run: r, broken });
  }
}
