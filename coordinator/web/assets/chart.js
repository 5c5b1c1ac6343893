// One chart: a uPlot, its legend, and what a reader without eyes gets.
import { make, setAttribute, setText } from "./dom.js";
import { drawAt, drawBeyond, drawBroken, drawHappened } from "./marks.js";
import { near, say } from "./happened.js";
import { integer, none, plural } from "./format.js";
import { pinch } from "./pinch.js";
import { there } from "./scale.js";

const styles = getComputedStyle(document.documentElement);
let cache = new Map();

// colour reads a custom property; uPlot draws on a canvas, which knows none.
export function colour(name) {
  if (!cache.has(name)) cache.set(name, styles.getPropertyValue(name).trim());
  return cache.get(name);
}

const all = new Set();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  cache = new Map();
  for (const chart of all) chart.plot?.redraw();
});

const click = 4; // pixels that a click may move

export class Chart {
  // options: series [{name, colour, width, fill, area, dots, edge, say}], ticks for
  // the axis, scale(columns) for its range, differences when columns are
  // stacked, top first, and the legend tells the layers. Two series that are an
  // edge, the upper one first, bound a band; several pairs are several bands. In a column null is a
  // hole, and undefined a step that the column does not have.
  constructor(figure, store, options) {
    Object.assign(this, { figure, store, options, shape: "" });
    this.space = make("div", { class: "plot" });
    this.told = options.series.map((s) => (s.edge ? null : this.legendItem(s)));
    this.cut = make("span", { class: "cut" });
    this.at = make("span", { class: "at" });
    figure.append(make("div", { class: "legend" }, ...this.told.filter(Boolean), this.cut, this.at), this.space);
    setAttribute(figure, "tabindex", "0");
    setAttribute(figure, "role", "img");
    figure.addEventListener("keydown", (event) => this.key(event));
    this.observer = new ResizeObserver(() => this.plot?.setSize(this.size()));
    this.observer.observe(this.space);
    all.add(this);
  }

  remove() {
    this.observer.disconnect();
    this.plot?.destroy();
    all.delete(this);
  }

  legendItem(s) {
    const mark = make("i", s.dots ? { class: "dot" } : {});
    mark.style.setProperty("--line", `var(${s.colour})`);
    return make("span", {}, mark, `${s.name} `, make("b", {}, none));
  }

  size() {
    return { width: Math.max(40, this.space.clientWidth), height: Math.max(40, this.space.clientHeight) };
  }

  // draw shows columns over steps. view has the axis of x, the range of steps
  // that is looked at, logarithms for x and y, the step that is chosen, and what
  // happened. measured are the steps that the run has made, where a plan goes
  // beyond them, and broken those that were not finite.
  draw(view, steps, columns, measured = steps, broken = []) {
    Object.assign(this, { view, steps, columns, measured, broken });
    const shape = `${view.logX} ${view.logY}`;
    if (shape !== this.shape) {
      this.plot?.destroy();
      this.plot = null;
      this.shape = shape;
    }
    const data = [steps.map(view.axis.to), ...columns];
    if (!this.plot) this.create(data);
    else this.plot.batch(() => {
      this.plot.setData(data, false);
      this.plot.setScale("x", this.range());
    });
    this.tell();
    setAttribute(this.figure, "data-points", String(measured.length));
    setAttribute(this.figure, "data-last", String(measured.at(-1)));
    setAttribute(this.figure, "aria-label", this.describe());
  }

  range() {
    const [from, to] = this.view.range ?? [this.steps[0], this.steps.at(-1)];
    const [min, max] = [this.view.axis.to(from), this.view.axis.to(to)];
    return { min, max: max > min ? max : min + 1 };
  }

  create(data) {
    this.plot = new window.uPlot(this.config(), data, this.space);
    const over = this.plot.over;
    over.addEventListener("click", (event) => {
      if (Math.abs(event.clientX - this.pressed) >= click) return;
      const at = this.plot.posToIdx(event.clientX - over.getBoundingClientRect().left);
      this.store.route.set({ at: Math.round(this.steps[at]) });
    });
    pinch(over, (x) => { const v = this.plot.posToVal(x, "x"); return this.view.logX ? Math.log(v) : v; }, (low, high) => this.pinched(low, high));
    over.addEventListener("mousedown", (event) => { this.pressed = event.clientX; });
    for (const kind of ["pointerdown", "pointermove"]) over.addEventListener(kind, (event) => {
      if (event.pointerType !== "mouse") this.plot.setCursor({ left: event.clientX - over.getBoundingClientRect().left, top: 10 });
    });
  }

  // pinched shows the steps between two values of the axis, as far as there are any.
  pinched(low, high) {
    const [from, to] = [low, high].map((v) => Math.round(this.view.axis.from(this.view.logX ? Math.exp(v) : v)));
    const first = Math.max(this.view.first, from), last = Math.min(this.view.end, to);
    if (first <= this.view.first && last >= this.view.end) this.store.route.set({ x: null });
    else if (last > first) this.store.route.setX([first, last]);
  }

  config() {
    const axis = { stroke: () => colour("--soft"), grid: { stroke: () => colour("--grid"), width: 1 }, ticks: { show: false },
      font: "12px system-ui, sans-serif" };
    const { axis: x, logX, logY } = this.view;
    const edges = this.options.series.map((s, i) => (s.edge ? i + 1 : 0)).filter(Boolean);
    const bands = edges.filter((_, i) => i % 2 === 0).map((upper, i) => ({ series: [upper, edges[2 * i + 1]], fill: () => `${colour(this.options.series[upper - 1].colour)}55` }));
    return {
      ...this.size(), legend: { show: false }, padding: [8, 20, 0, 0],
      cursor: { y: false, points: { size: 7 }, drag: { x: true, y: false, setScale: false, dist: click }, bind: { dblclick: () => () => { this.store.route.set({ x: null }); } } },
      scales: { x: { time: false, distr: logX ? 3 : 1, range: () => { const r = this.range(); return [r.min, r.max]; } },
        y: { distr: logY ? 3 : 1, range: () => this.options.scale(this.columns, this.view) } },
      axes: [{ ...axis, space: 46, size: 22, gap: 4, values: (_, vs) => this.view.axis.ticks(vs), ...(x.incrs ? { incrs: x.incrs } : {}) },
        { ...axis, space: 34, size: (_, values) => Math.max(46, 8 + 7.2 * Math.max(0, ...(values ?? []).map((v) => (v ?? "").length))), gap: 6,
          values: (_, vs, axisIndex, space, distance) => (logY ? vs.map((v) => (v === null ? "" : this.options.ticks([v], v)[0])) : this.options.ticks(vs, distance)) }],
      series: [{}, ...this.options.series.map((s) => this.seriesConfig(s))],
      bands,
      hooks: { setCursor: [(u) => this.moved(u)], setSelect: [(u) => this.selected(u)], draw: [(u) => this.mark(u)] },
    };
  }

  seriesConfig(s) {
    const line = () => colour(s.colour);
    const fill = s.area ? line : s.fill ? () => `${colour(s.colour)}26` : undefined;
    const dots = s.dots ? { show: true, size: 8, stroke: line, fill: () => colour("--card"), width: 2 } : { show: false };
    return { label: s.name, stroke: s.edge ? undefined : line, width: s.edge ? 0 : s.width, fill, dash: s.dash, spanGaps: false, points: dots };
  }

  // selected zooms all charts to what was drawn over on this one.
  selected(u) {
    const { left, width } = u.select;
    if (width < click) return;
    const steps = [left, left + width].map((x) => this.view.axis.from(u.posToVal(x, "x")));
    u.setSelect({ left: 0, width: 0 }, false);
    this.store.route.setX(steps);
  }

  choose() {
    const step = this.stepAt();
    if (step !== null) this.store.route.set({ at: Math.round(step) });
  }

  // stepAt is the step under the cursor; null for none.
  stepAt() {
    const at = this.plot?.cursor.idx;
    return at === null || at === undefined || at >= this.steps.length ? null : this.steps[at];
  }

  // moved puts the cursors of all charts at one step.
  moved(u) {
    this.tell();
    if (!u.cursor.event && !this.leads) return;
    const step = u.cursor.left < 0 ? null : this.stepAt();
    for (const chart of all) if (chart !== this) chart.follow(step);
  }

  follow(step) {
    if (!this.plot) return;
    const left = step === null ? -10 : this.plot.valToPos(this.view.axis.to(step), "x");
    this.plot.setCursor({ left: left >= 0 && left <= this.plot.over.clientWidth ? left : -10, top: left < 0 ? -10 : 10 });
  }

  // mark shows what the lines do not: values beyond the axis, steps that
  // were not finite, what happened, and the step that is chosen.
  mark(u) {
    const most = drawBeyond(u, this.options.series.map((s) => colour(s.colour)));
    setText(this.cut, most === null ? "" : `▲ up to ${this.options.series[0].say(most)}`);
    drawHappened(u, this.view, colour);
    drawBroken(u, this.broken.map(this.view.axis.to), colour("--bad"));
    if (this.view.at !== null) drawAt(u, this.view.axis.to(this.view.at), colour("--text"));
  }

  // tell writes the values under the cursor, or else the newest, into the legend.
  tell() {
    const step = this.stepAt(), chosen = step !== null;
    const at = chosen ? this.plot.cursor.idx : this.steps.length - 1;
    this.options.series.forEach((s, i) => {
      if (s.edge) return;
      const value = this.value(i, at, !chosen);
      setText(this.told[i].lastChild, value === null ? none : s.say(value));
    });
    setText(this.at, chosen ? this.sayStep(step, at) : "");
    setAttribute(this.at, "title", this.at.textContent);
  }

  sayStep(step, at) {
    const width = this.view.width, band = this.band(at);
    const steps = width > 1 && band ? `steps ${integer(step - ((step - 1) % width))}–${integer(step)}: ${band}` : `step ${integer(step)}`;
    const reach = 6 * (this.range().max - this.range().min) / Math.max(1, this.plot.over.clientWidth);
    const there = near(this.view.happened, step, Math.max(0, this.view.axis.from(this.range().min + reach) - this.view.axis.from(this.range().min)));
    return [steps, ...there.slice(0, 2).map(say)].join(" · ");
  }

  // band tells the smallest and the largest value of a bucket.
  band(at) {
    const [high, low] = this.options.series.map((s, i) => (s.edge ? this.columns[i][at] : undefined)).filter((v) => v !== undefined);
    return there(high) && there(low) ? `${this.options.series[0].say(low)} to ${this.options.series[0].say(high)}` : "";
  }

  // value is a series' own value at an index: of a step that the column does not
  // have, the one before it; with back, the newest before it that there is.
  value(i, at, back) {
    const ys = this.columns[i], { dots } = this.options.series[i];
    while (at > 0 && (ys[at] === undefined || ((back || dots) && ys[at] === null))) at--;
    if (!there(ys[at])) return null;
    const below = this.options.differences ? this.columns[i + 1]?.[at] ?? 0 : 0;
    return ys[at] - below;
  }

  describe() {
    const { measured, broken } = this;
    const bad = broken.length ? ` Not finite at step ${broken.slice(0, 20).map(integer).join(", ")}${broken.length > 20 ? " and more" : ""}.` : "";
    const values = this.options.series.map((s, i) => [s.name, s.edge ? null : this.value(i, this.steps.length - 1, true), s.say]).filter(([, v]) => v !== null);
    return `Chart of ${plural(measured.length, "point")}, step ${integer(this.view.range?.[0] ?? this.view.first)} to ${integer(measured.at(-1))}. Newest: ${values.map(([n, v, say]) => `${n} ${say(v)}`).join(", ")}.${bad}`;
  }

  // key moves the cursor by the arrow keys, as the mouse does; what is for the
  // time rail goes there.
  key(event) {
    if (!this.plot) return;
    const move = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20, Home: -Infinity, End: Infinity }[event.key];
    if (["+", "=", "-", "0"].includes(event.key) || (event.shiftKey && move)) return this.store.rail.key(event);
    if (event.key === "Enter") return this.choose();
    if (move === undefined && event.key !== "Escape") return;
    event.preventDefault();
    const { steps } = this;
    const at = Math.min(steps.length - 1, Math.max(0, (this.plot.cursor.idx ?? steps.length - 1) + (move ?? 0)));
    const left = event.key === "Escape" ? -10 : this.plot.valToPos(this.view.axis.to(steps[at]), "x");
    this.leads = true;
    this.plot.setCursor({ left, top: event.key === "Escape" ? -10 : 10 });
    this.leads = false;
  }
}
