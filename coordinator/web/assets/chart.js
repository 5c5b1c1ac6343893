// One chart: a uPlot, its legend, and what a reader without eyes gets.
import { make, setAttribute, setText } from "./dom.js";
import { drawBeyond, drawBroken } from "./marks.js";
import { count, integer, none, plural } from "./format.js";

const styles = getComputedStyle(document.documentElement);
let cache = new Map();

// colour reads a custom property; uPlot draws on a canvas, which knows none.
function colour(name) {
  if (!cache.has(name)) cache.set(name, styles.getPropertyValue(name).trim());
  return cache.get(name);
}

const all = new Set();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  cache = new Map();
  for (const chart of all) chart.plot?.redraw();
});

export class Chart {
  // options: series [{name, colour, width, fill, area, dots, say}], ticks for
  // the axis, scale(columns) for its range, differences when columns are
  // stacked, top first, and the legend tells the layers. In a column null is a
  // hole, and undefined a step that the column does not have.
  constructor(figure, options) {
    this.figure = figure;
    this.options = options;
    this.space = make("div", { class: "plot" });
    this.legend = make("div", { class: "legend" }, ...options.series.map((s) => this.legendItem(s)), make("span", { class: "cut" }), make("span", { class: "at" }));
    figure.append(this.legend, this.space);
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

  // draw shows columns over steps; measured are those that the run has made,
  // where a plan goes beyond them, and broken those that were not finite. A
  // reader who has zoomed in keeps the view.
  draw(steps, columns, measured = steps, broken = []) {
    const data = [steps, ...columns];
    this.broken = broken;
    if (!this.plot) this.plot = new window.uPlot(this.config(), data, this.space);
    else this.update(data);
    this.last = data;
    this.measured = measured;
    this.tell();
    setAttribute(this.figure, "data-points", String(measured.length));
    setAttribute(this.figure, "data-last", String(measured.at(-1)));
    setAttribute(this.figure, "aria-label", this.describe());
  }

  update(data) {
    const zoomed = this.zoomed();
    this.plot.setData(data, !zoomed);
    if (zoomed) this.plot.redraw();
  }

  // zoomed compares the view with the data that it was drawn for.
  zoomed() {
    const { min, max } = this.plot.scales.x;
    return min > this.last[0][0] || max < this.last[0].at(-1);
  }

  config() {
    const axis = { stroke: () => colour("--soft"), grid: { stroke: () => colour("--grid"), width: 1 }, ticks: { show: false },
      font: "12px system-ui, sans-serif" };
    return {
      ...this.size(), legend: { show: false }, padding: [8, 20, 0, 0],
      cursor: { sync: { key: "rondo" }, y: false, points: { size: 7 }, drag: { x: true, y: false } },
      scales: { x: { time: false }, y: { range: (u) => this.options.scale(u.data.slice(1)) } },
      axes: [{ ...axis, space: 40, size: 22, gap: 4, values: (_, vs) => vs.map((v) => (v >= 10000 ? count(v) : integer(v))), incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7] },
        { ...axis, space: 34, size: 46, gap: 6, values: (_, vs, axisIndex, space, distance) => this.options.ticks(vs, distance) }],
      series: [{}, ...this.options.series.map((s) => this.seriesConfig(s))],
      hooks: { setCursor: [() => this.tell()], draw: [(u) => this.mark(u)] },
    };
  }

  seriesConfig(s) {
    const line = () => colour(s.colour);
    const fill = s.area ? line : s.fill ? () => `${colour(s.colour)}26` : undefined;
    const dots = s.dots ? { show: true, size: 8, stroke: line, fill: () => colour("--card"), width: 2 } : { show: false };
    return { label: s.name, stroke: line, width: s.width, fill, spanGaps: false, points: dots };
  }

  // mark shows what the lines do not: values beyond the axis, and steps that
  // were not finite.
  mark(u) {
    const most = drawBeyond(u, this.options.series.map((s) => colour(s.colour)));
    setText(this.legend.children[this.options.series.length], most === null ? "" : `▲ up to ${this.options.series[0].say(most)}`);
    drawBroken(u, this.broken, colour("--bad"));
  }

  // tell writes the values under the cursor, or else the newest, into the legend.
  tell() {
    const at = this.plot?.cursor.idx;
    const steps = this.last[0];
    const chosen = at !== null && at !== undefined && at < steps.length;
    this.options.series.forEach((s, i) => {
      const value = this.value(i, chosen ? at : steps.length - 1, !chosen);
      setText(this.legend.children[i].lastChild, value === null ? none : s.say(value));
    });
    setText(this.legend.lastChild, chosen ? `step ${integer(steps[at])}` : "");
  }

  // value is a series' own value at an index; with back, the newest before it.
  value(i, at, back) {
    const ys = this.last[i + 1];
    while (back && at > 0 && (ys[at] === null || ys[at] === undefined)) at--;
    if (ys[at] === null || ys[at] === undefined) return null;
    const below = this.options.differences ? this.last[i + 2]?.[at] ?? 0 : 0;
    return ys[at] - below;
  }

  describe() {
    const steps = this.measured;
    const broken = this.broken.length ? ` Not finite at step ${this.broken.map(integer).join(", ")}.` : "";
    const values = this.options.series.map((s, i) => [s.name, this.value(i, this.last[0].length - 1, true), s.say]).filter(([, v]) => v !== null);
    return `Chart of ${plural(steps.length, "point")}, step ${integer(steps[0])} to ${integer(steps.at(-1))}. Newest: ${values.map(([n, v, say]) => `${n} ${say(v)}`).join(", ")}.${broken}`;
  }

  // key moves the cursor by the arrow keys, as the mouse does.
  key(event) {
    const move = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20, Home: -Infinity, End: Infinity }[event.key];
    if (!this.plot || (move === undefined && event.key !== "Escape")) return;
    event.preventDefault();
    const steps = this.last[0];
    const at = Math.min(steps.length - 1, Math.max(0, (this.plot.cursor.idx ?? steps.length - 1) + (move ?? 0)));
    const left = event.key === "Escape" ? -10 : this.plot.valToPos(steps[at], "x");
    this.plot.setCursor({ left, top: event.key === "Escape" ? -10 : 10 });
  }
}
