// The table of runs: what each came to, and the sentences that compare them.
import { keyed, make, setAttribute, setText } from "./dom.js";
import * as f from "./format.js";
import { bestOf, colourOf, key, sayer, titleOf, valueOf } from "./overlay.js";

const space = "http://www.w3.org/2000/svg";
const kinds = ["best", "last", "at"];

// extremes of a metric of a run; undefined where it has none.
const extremes = (r, m) => r.summary[m.held ? "evaluations" : "columns"][m.name];

// cell is one figure of a run: {value, sub}; value null for none.
function cell(r, m, kind) {
  const x = extremes(r, m), best = bestOf(m);
  if (!x) return { value: null };
  if (kind === "last") return { value: x.last };
  if (kind === "at") return r.at ? r.at(m) : { value: null };
  if (best === null) return { value: null };
  return best === "least" ? { value: x.min, step: x.min_step } : { value: x.max, step: x.max_step };
}

// curve is what a sparkline draws: [[x, y], …].
function curve(r, m) {
  if (m.held) return (r.status?.evaluations ?? []).map((e) => [e.step, valueOf(e, m.name)]).filter(([, y]) => y !== null);
  const c = r.whole?.columns[m.name];
  return c ? r.whole.steps.map((s, i) => [s, c.mean[i]]).filter(([, y]) => y !== null) : [];
}

// sparkline is a curve as long as a word, for eyes alone.
function sparkline(points, colour) {
  const svg = document.createElementNS(space, "svg");
  for (const [k, v] of Object.entries({ class: "spark", viewBox: "0 0 72 18", "aria-hidden": "true" })) svg.setAttribute(k, v);
  if (points.length < 2) return svg;
  const ys = points.map(([, y]) => y), sorted = [...ys].sort((a, b) => a - b);
  const low = sorted[0], high = Math.max(sorted[Math.floor(0.97 * (sorted.length - 1))], low + 1e-12);
  const first = points[0][0], span = points.at(-1)[0] - first || 1;
  const line = document.createElementNS(space, "polyline");
  line.setAttribute("points", points.map(([x, y]) => `${(1 + 70 * (x - first) / span).toFixed(1)},${(16 - 14 * Math.min(1, (y - low) / (high - low))).toFixed(1)}`).join(" "));
  line.style.stroke = `var(${colour})`;
  svg.append(line);
  return svg;
}

// sorted puts runs in the order of "loss.best" or "-loss.best"; the runs' own without.
export function sorted(runs, metrics, by) {
  const [, down, column, kind] = /^(-?)(.*)\.(best|last|at)$/.exec(by ?? "") ?? [];
  const m = metrics.find((x) => key(x) === column);
  if (by === "name" || by === "-name") return [...runs].sort((a, b) => (by === "name" ? 1 : -1) * a.name.localeCompare(b.name));
  if (!m) return runs;
  const of = (r) => cell(r, m, kind).value;
  return [...runs].sort((a, b) => {
    const [x, y] = [of(a), of(b)];
    if (!Number.isFinite(x) || !Number.isFinite(y)) return Number(Number.isFinite(y)) - Number(Number.isFinite(x)); // none is last
    return down ? y - x : x - y;
  });
}

// RunTable draws the table into its element and tells what the reader asks for.
export class RunTable {
  constructor(el, route) {
    Object.assign(this, { el, route, drawn: "" });
    this.head = make("thead");
    this.body = make("tbody");
    el.append(make("caption", { class: "hidden" }, "What each run came to"), this.head, this.body);
    this.head.addEventListener("click", (event) => {
      const by = event.target.closest("button")?.dataset.sort;
      if (by) route.set({ sort: route.get("sort") === by ? `-${by}` : route.get("sort") === `-${by}` ? null : by });
    });
  }

  draw(runs, metrics, hidden, at) {
    const by = this.route.get("sort");
    this.drawHead(metrics, by, at, runs);
    const says = new Map(metrics.map((m) => [m, sayer(m, runs)]));
    keyed(this.body, sorted(runs, metrics, by), (r) => `${r.name}\n${metrics.map(key)}`, (r) => this.row(r, metrics), (tr, r) => this.fill(tr, r, metrics, says, hidden));
  }

  drawHead(metrics, by, at, runs) {
    const words = (kind) => (kind === "at" ? (at === null ? "at step" : `at ${f.integer(at)}`) : kind);
    const stamp = JSON.stringify([metrics.map(key), by, at, metrics.map((m) => titleOf(m, runs))]);
    if (stamp === this.drawn) return;
    this.drawn = stamp;
    const th = (name, text, more = {}) => {
      const dir = by === name ? "ascending" : by === `-${name}` ? "descending" : "none";
      return make("th", { scope: "col", "aria-sort": dir, ...more }, make("button", { type: "button", class: "sort", "data-sort": name }, `${text}${{ ascending: " ▲", descending: " ▼", none: "" }[dir]}`));
    };
    const groups = metrics.map((m) => make("th", { scope: "colgroup", colspan: "4", class: "group" }, titleOf(m, runs).filter(Boolean).join(", ")));
    const kindsOf = metrics.flatMap((m) => [...kinds.map((kind) => th(`${key(m)}.${kind}`, words(kind), { class: "num" })), make("td", { class: "sub" }, "curve")]);
    const focus = this.head.contains(document.activeElement) ? document.activeElement.dataset.sort : null;
    this.head.replaceChildren(make("tr", {}, make("td"), make("td"), ...groups), make("tr", {}, th("name", "Run"), make("th", { scope: "col", class: "num" }, "Steps"), ...kindsOf));
    for (const button of this.head.querySelectorAll("button")) if (button.dataset.sort === focus) button.focus();
  }

  row(r, metrics) {
    const open = make("a", { title: "show this run in all views" }, r.name);
    const swatch = make("i", { class: "swatch", "aria-hidden": "true" });
    swatch.style.background = `var(${colourOf(r.index)})`;
    return make("tr", {}, make("th", { scope: "row", class: "name" }, swatch, open, make("span", { class: "sub" })), make("td", { class: "num" }),
      ...metrics.flatMap(() => [...kinds.map(() => make("td", { class: "num" }, make("b"), make("span", { class: "sub" }))), make("td")]));
  }

  fill(tr, r, metrics, says, hidden) {
    setAttribute(tr, "class", hidden.has(r.name) ? "off" : "");
    const { summary: s } = r, [name, steps, ...cells] = tr.children;
    setAttribute(name.children[1], "href", r.href);
    setText(name.lastChild, s.reason ? `${s.phase}: ${s.reason}` : s.phase);
    setText(steps, s.steps ? `${f.integer(s.step)} of ${f.integer(s.steps)}` : f.integer(s.step));
    metrics.forEach((m, i) => {
      kinds.forEach((kind, k) => {
        const { value, step } = cell(r, m, kind), td = cells[4 * i + k];
        setText(td.firstChild, Number.isFinite(value) ? says.get(m)(value) : f.none);
        setText(td.lastChild, step ? `step ${f.integer(step)}` : "");
      });
      const points = curve(r, m), stamp = `${points.length} ${points.at(-1)}`, td = cells[4 * i + 3];
      if (td.dataset.stamp !== stamp) {
        td.dataset.stamp = stamp;
        td.replaceChildren(sparkline(points, colourOf(r.index)));
      }
    });
  }
}

// sameText says of two runs how far they have the same bits.
export function sameText({ a, b, to, differs, what }) {
  const first = `step ${f.integer(differs)}`;
  if (!to && !differs) return `${b} and ${a} have left neither marks of the weights nor checkpoints of the same steps: nothing is known.`;
  if (!differs) return `${b} has the same bits as ${a} up to step ${f.integer(to)}, the last of which both tell.`;
  const by = /^the (digests|marks)/.test(what) ? `${what} differ after ${first}` : `first difference in ${what}, after ${first}`;
  return to ? `${b} has the same bits as ${a} up to step ${f.integer(to)}; ${by}.` : `${b} has other bits than ${a} from the first step on of which both tell: ${by}.`;
}

// differences lists the fields of run files that are not the same in all: {path, bits, values}.
export function differences(runs) {
  const of = (r) => ({ ...r.summary.others, ...r.summary.fields });
  const all = runs.map(of), known = all.filter((fields) => Object.keys(fields).length > 0);
  const paths = [...new Set(known.flatMap((fields) => Object.keys(fields)))].sort();
  return paths.filter((p) => known.some((fields) => fields[p] !== known[0][p])).map((path) => ({
    path, bits: runs.some((r) => path in (r.summary.fields ?? {})), values: all.map((fields) => fields[path]),
  }));
}
