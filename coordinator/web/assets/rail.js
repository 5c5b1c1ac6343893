// The time rail: the whole run in one strip under the head of every view. A
// brush on it chooses the steps that all views show, a click the one step.
import { keyed, make, setAttribute, setText } from "./dom.js";
import { integer } from "./format.js";
import { marks, say, thinned } from "./happened.js";

const edge = 9; // pixels round an end of the brush that take hold of it
const click = 4; // pixels that a click may move

export class Rail {
  constructor(el, store) {
    Object.assign(this, { el, store, first: 0, last: 0, drag: null });
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.marks = make("div", { class: "marks", "aria-hidden": "true" });
    this.brush = make("div", { class: "brush", "aria-hidden": "true" });
    this.at = make("div", { class: "at-line", "aria-hidden": "true" });
    this.track = make("div", { class: "track", tabindex: "0", role: "slider", "aria-label": "Time rail: the step that is looked at. Plus and minus zoom, Shift with the arrows moves the range, 0 shows all." },
      this.canvas, this.marks, this.brush, this.at);
    this.words = make("span", { class: "sub words" });
    this.reset = make("button", { type: "button", class: "small", hidden: "" }, "Show all");
    this.reset.addEventListener("click", () => store.route.set({ x: null }));
    el.append(this.track, make("p", { class: "rail-line" }, this.words, this.reset));
    this.track.addEventListener("pointerdown", (event) => this.down(event));
    this.track.addEventListener("pointermove", (event) => this.move(event));
    this.track.addEventListener("pointerup", (event) => this.up(event));
    this.track.addEventListener("pointercancel", () => { this.drag = null; });
    this.track.addEventListener("dblclick", () => store.route.set({ x: null, at: null }));
    this.track.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.paint()).observe(this.track);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.paint());
    store.route.onChange(() => this.place());
  }

  update() {
    const { data } = this.store.whole;
    this.el.hidden = !data || data.steps.length < 2;
    if (this.el.hidden) return;
    [this.first, this.last] = [data.from, data.end];
    this.paint();
    const all = marks(this.store.status).filter((m) => m.step >= this.first && m.step <= this.last);
    const shown = thinned(all, (m) => this.share(m.step) * this.track.clientWidth);
    keyed(this.marks, shown, (m) => `${m.kind} ${m.step} ${m.what}`, (m) => make("i", { class: m.kind, title: say(m) }),
      (node, m) => { node.style.left = `${100 * this.share(m.step)}%`; });
    this.place();
  }

  share(step) {
    return Math.min(1, Math.max(0, (step - this.first) / Math.max(1, this.last - this.first)));
  }

  stepAt(x) {
    const box = this.track.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (x - box.left) / box.width));
    return Math.round(this.first + share * (this.last - this.first));
  }

  // range is what the views show.
  range() {
    return this.store.route.x ?? [this.first, this.last];
  }

  // place moves the brush and the line to where the address says.
  place() {
    const { route } = this.store;
    const [from, to] = this.range();
    this.brush.hidden = this.reset.hidden = !route.x;
    this.brush.style.left = `${100 * this.share(from)}%`;
    this.brush.style.width = `${100 * (this.share(to) - this.share(from))}%`;
    this.at.hidden = route.at === null;
    if (route.at !== null) this.at.style.left = `${100 * this.share(route.at)}%`;
    const shown = route.x ? `steps ${integer(from)} to ${integer(to)}` : `all steps to ${integer(this.last)}`;
    setText(this.words, route.at === null ? shown : `${shown} · step ${integer(route.at)}`);
    setAttribute(this.track, "aria-valuemin", String(this.first));
    setAttribute(this.track, "aria-valuemax", String(this.last));
    setAttribute(this.track, "aria-valuenow", String(Math.min(this.last, Math.max(this.first, route.at ?? this.last))));
    setAttribute(this.track, "aria-valuetext", `step ${integer(route.at ?? this.last)}; shown are ${shown}`);
  }

  // paint draws the loss of the whole run, from the lowest to the highest of each
  // bucket; one with a step that was not finite is a red line.
  paint() {
    const { data } = this.store.whole;
    const width = this.track.clientWidth, height = this.track.clientHeight, unit = devicePixelRatio;
    if (!data || data.steps.length < 2 || width === 0) return;
    this.canvas.width = width * unit;
    this.canvas.height = height * unit;
    const ctx = this.canvas.getContext("2d"), style = getComputedStyle(this.el);
    const { min, max, bad } = data.columns.loss;
    const sorted = max.filter(Number.isFinite).sort((a, b) => a - b);
    const low = min.reduce((least, y) => (Number.isFinite(y) && y < least ? y : least), Infinity);
    const high = Math.max(sorted[Math.floor(0.98 * (sorted.length - 1))] ?? 1, low + 1e-12);
    const place = (y) => height - 4 - (height - 8) * Math.min(1, (y - low) / (high - low));
    ctx.scale(unit, unit);
    ctx.fillStyle = ctx.strokeStyle = style.getPropertyValue("--raw");
    ctx.lineWidth = 1.2;
    ctx.beginPath();
    const shown = data.steps.map((step, i) => [this.share(step) * width, max[i], min[i]]).filter(([, y]) => Number.isFinite(y));
    for (const [x, y] of shown) ctx.lineTo(x, place(y));
    for (const [x, , y] of shown.reverse()) ctx.lineTo(x, place(y));
    ctx.closePath();
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = style.getPropertyValue("--bad");
    data.steps.forEach((step, i) => { if (bad[i] > 0) ctx.fillRect(this.share(step) * width - 1, 0, 2, height); });
  }

  down(event) {
    if (event.button !== 0) return;
    const box = this.track.getBoundingClientRect(), x = event.clientX - box.left;
    const ends = this.store.route.x?.map((s) => this.share(s) * box.width);
    let grip = "new";
    if (ends && Math.abs(x - ends[0]) < edge) grip = "from";
    else if (ends && Math.abs(x - ends[1]) < edge) grip = "to";
    else if (ends && x > ends[0] && x < ends[1]) grip = "all";
    this.drag = { grip, x: event.clientX, step: this.stepAt(event.clientX), range: this.range(), moved: false };
    this.track.setPointerCapture(event.pointerId);
  }

  move(event) {
    const d = this.drag;
    if (!d || (!d.moved && Math.abs(event.clientX - d.x) < click)) return;
    d.moved = true;
    const step = this.stepAt(event.clientX);
    if (d.grip === "all") return this.show(d.range.map((s) => s + step - d.step));
    const other = { new: d.step, from: d.range[1], to: d.range[0] }[d.grip];
    if (step !== other) this.store.route.setX([Math.min(step, other), Math.max(step, other)]);
  }

  up(event) {
    if (this.drag && !this.drag.moved) this.store.route.set({ at: this.stepAt(event.clientX) });
    this.drag = null;
  }

  // show sets a range, moved to lie within the run.
  show([from, to]) {
    const span = Math.min(to - from, this.last - this.first);
    from = Math.max(this.first, Math.min(from, this.last - span));
    if (span >= this.last - this.first) this.store.route.set({ x: null });
    else this.store.route.setX([from, from + Math.max(1, span)]);
  }

  key(event) {
    const { route } = this.store;
    const [from, to] = this.range(), span = to - from, at = route.at ?? to;
    const little = Math.max(1, Math.round(span / 200));
    const arrow = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 20, PageDown: -20 }[event.key];
    if (arrow && event.shiftKey) this.show([from + arrow * span / 4, to + arrow * span / 4]);
    else if (arrow) route.set({ at: Math.min(this.last, Math.max(this.first, at + arrow * little)) });
    else if (event.key === "Home") route.set({ at: from });
    else if (event.key === "End") route.set({ at: to });
    else if (event.key === "+" || event.key === "=") this.zoom(at, 0.5);
    else if (event.key === "-") this.zoom(at, 2);
    else if (event.key === "0") route.set({ x: null });
    else if (event.key === "Escape") route.set({ at: null });
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // zoom keeps a step where it is in the range.
  zoom(at, times) {
    const [from, to] = this.range();
    const span = Math.max(2, (to - from) * times);
    const left = Math.min(1, Math.max(0, (at - from) / (to - from)));
    this.show([at - left * span, at + (1 - left) * span]);
  }
}
