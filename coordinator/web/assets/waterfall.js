// Where the time of a step goes on one worker: a row for each part, and one for
// each bucket on its way round the ring, from the beginning of the step on.
import { byId, keyed, make, setAttribute, setText, svg } from "./dom.js";
import { bytes, integer, millis } from "./format.js";

const left = 104, bottom = 20; // of the picture, for names and for times
const tall = 16, roomy = 12; // pixels of a row, and how many buckets have rows of that height
const words = { rows: "rows", forward: "forward", backward: "backward", mirror: "states", statistics: "statistics", bucket: "bucket", blocked: "blocked by ring", barrier: "waits for all", apply: "apply" };
const order = Object.keys(words);
const moving = new Set(["bucket", "statistics", "mirror"]); // round the ring, beside what is computed

// rowsOf groups the spans by what they are: passes of one part share a row, each bucket has its own.
function rowsOf(spans) {
  const rows = new Map();
  for (const span of [...spans].sort((a, b) => order.indexOf(a.part) - order.indexOf(b.part))) {
    const key = span.part === "bucket" ? `bucket ${span.number}` : span.part;
    if (!rows.has(key)) rows.set(key, { key, part: span.part, spans: [] });
    rows.get(key).spans.push(span);
  }
  return [...rows.values()];
}

// step between two marks of the axis: 1, 2 or 5 times a power of ten.
function stepOf(total, marks) {
  const raw = total / marks, power = 10 ** Math.floor(Math.log10(raw));
  return power * [1, 2, 5, 10].find((n) => n * power >= raw);
}

export const spanText = (s) => [s.part === "bucket" ? `bucket ${s.number}` : words[s.part] ?? s.part, millis(s.end - s.begin),
  `from ${millis(s.begin)} on`, s.bytes ? bytes(s.bytes) : ""].filter(Boolean).join(", ");

// hiddenShare is the share of the ring's time in which the worker computed. That ends when the worker is blocked no more: of
// very many buckets the last have no spans.
export function hiddenShare(w) {
  const ways = w.spans.filter((s) => s.part === "bucket");
  const blocked = w.spans.find((s) => s.part === "blocked");
  if (ways.length === 0 || !blocked) return null;
  const first = Math.min(...ways.map((s) => s.begin)), last = Math.max(blocked.end, ...ways.map((s) => s.end));
  return last > first ? Math.max(0, 1 - (blocked.end - blocked.begin) / (last - first)) : null;
}

// about says in words what a worker's waterfall shows.
function about(w) {
  const share = hiddenShare(w);
  return [`step ${integer(w.step)}`, millis(w.total), share === null ? "" : `${Math.round(100 * share)} % of the ring's time hidden behind computing`,
    w.left_out ? `${integer(w.left_out)} more buckets` : ""];
}

// drawFall draws a worker's waterfall as wide as its place is.
export function drawFall(node, w) {
  const width = Math.max(280, node.clientWidth), rows = rowsOf(w.spans);
  const buckets = rows.filter((r) => r.part === "bucket").length;
  const thin = buckets <= roomy ? tall : Math.max(2, Math.floor((roomy * tall) / buckets));
  const total = Math.max(w.total, ...w.spans.map((s) => s.end)) || 1;
  const x = (t) => left + (t / total) * (width - left - 8);
  const picture = svg("svg", { role: "img", "aria-label": `Step ${w.step} of ${w.worker}, ${millis(w.total)}. The table below has its parts.` });
  let y = 4, named = false;
  for (const row of rows) {
    const height = row.part === "bucket" ? thin : tall;
    const name = row.part === "bucket" ? thin >= 12 ? row.key : named ? "" : `${integer(buckets)} buckets` : words[row.part] ?? row.part;
    named ||= row.part === "bucket";
    if (name) picture.append(svg("text", { x: left - 8, y: y + Math.min(height, tall) / 2 + (height < 12 ? 6 : 0), class: "name" }, name));
    for (const span of row.spans) {
      picture.append(svg("rect", { x: x(span.begin).toFixed(1), y: y + (height > 6 ? 2 : 0), width: Math.max(1, x(span.end) - x(span.begin)).toFixed(1),
        height: height > 6 ? height - 4 : Math.max(1, height - 0.5), class: moving.has(span.part) ? "moving" : span.part }, svg("title", {}, spanText(span))));
    }
    y += height;
  }
  const step = stepOf(total, width < 500 ? 4 : 8);
  for (let t = 0; t <= total * 1.0001; t += step) {
    picture.prepend(svg("line", { x1: x(t), x2: x(t), y1: 0, y2: y + 2, class: "grid" }));
    const time = millis(t);
    picture.append(svg("text", { x: Math.min(x(t), width - 4 * time.length), y: y + 14, class: "time" }, time)); // the last one within the picture
  }
  setAttribute(picture, "viewBox", `0 0 ${width} ${y + bottom}`);
  node.replaceChildren(picture);
}

// drawTable lists the parts for those who do not see the picture.
export function drawTable(body, w) {
  keyed(body, w.spans, (s) => `${s.part} ${s.number}`, () => make("tr", {}, make("th", { scope: "row" }), make("td", { class: "num" }), make("td", { class: "num" }), make("td", { class: "num" })), (row, s) => {
    const cells = [s.part === "bucket" || s.number > 0 ? `${words[s.part] ?? s.part} ${s.number}` : words[s.part] ?? s.part, millis(s.begin), millis(s.end - s.begin), s.bytes ? bytes(s.bytes) : ""];
    cells.forEach((text, i) => setText(row.children[i], text));
  });
}

// Falls asks for the waterfalls while it is shown, and draws that of the worker that is chosen: of a run that goes on those of the
// newest step, again and again, and else the one that was recorded last before the step that is looked at.
export class Falls {
  constructor(store, lives) {
    Object.assign(this, { store, lives, run: store.name, all: [], steps: [], asked: null, told: "" });
    byId("fall-worker").onchange = (event) => store.route.set({ worker: event.target.value === this.all[0]?.worker ? null : event.target.value });
    byId("fall-hold").onchange = () => this.ask();
    byId("fall-details").ontoggle = () => this.draw();
    byId("fall-at").oninput = (event) => {
      const at = Number(event.target.value);
      store.route.set({ fall: at >= this.steps.length - 1 ? null : this.steps[at] });
    };
    byId("fall-live").hidden = !lives;
    byId("fall-kept").hidden = lives;
    this.resized = () => this.draw();
    addEventListener("resize", this.resized);
    if (lives) this.timer = setInterval(() => this.ask(), 2000);
    this.ask();
  }

  close() {
    clearInterval(this.timer);
    removeEventListener("resize", this.resized);
    this.store = null;
  }

  // update shows the worker that is chosen, and asks for the recorded step that is wanted now, if it is not shown, and for what was
  // recorded since.
  update() {
    if (!this.store) return;
    if (this.all.length > 0 && this.chosen() !== this.drawn) this.draw();
    if (this.lives) return;
    const { status } = this.store, told = `${status.step} ${status.phase}`;
    if (told !== this.told || this.wanted() !== this.asked) this.ask();
  }

  // chosen is the name of the worker that the reader wants to see; empty: the first.
  chosen() {
    return this.store.route.get("worker") ?? "";
  }

  // wanted is the recorded step to show: the one that was chosen, or the last before the step that is looked at.
  wanted() {
    const { route } = this.store, chosen = Number(route.get("fall") ?? route.at ?? NaN);
    if (!Number.isFinite(chosen)) return this.steps.at(-1) ?? 0;
    return this.steps.findLast((s) => s <= chosen) ?? this.steps[0] ?? 0;
  }

  async ask() {
    if (document.hidden || (this.lives && byId("fall-hold")?.checked) || this.asking) return;
    const { store } = this, { status } = store;
    this.asking = true;
    let more = false;
    try {
      const step = this.lives ? null : this.wanted(); // that of which is asked: with the steps another may be wanted
      const { workers, steps = [] } = await store.get(this.lives ? "api/waterfall" : store.ofRun(`api/waterfall?step=${step}`));
      if (this.store) {
        Object.assign(this, { all: workers ?? [], steps, asked: step || (steps.at(-1) ?? 0), told: `${status.step} ${status.phase}` });
        this.draw();
        more = !this.lives && steps.length > 0 && this.wanted() !== this.asked;
      }
    } catch (error) { // a coordinator that is away is told of above
      console.info(`no waterfall: ${error.message}`);
    }
    this.asking = false;
    if (more) this.ask();
  }

  draw() {
    const choice = byId("fall-worker");
    byId("fall-none").hidden = this.all.length > 0;
    byId("fall-what").hidden = this.all.length === 0;
    if (this.all.length === 0) return;
    keyed(choice, this.all, (w) => w.worker, (w) => make("option", { value: w.worker }, w.worker), () => {});
    this.drawn = this.chosen();
    const told = this.all.find((one) => one.worker === this.drawn), w = told ?? this.all[0];
    if (choice.value !== w.worker) choice.value = w.worker;
    byId("fall-whose").hidden = !this.lives && this.all.length === 1;
    const whose = this.lives ? "" : w.worker || "first worker"; // of a history without names
    setText(byId("fall-sub"), [this.drawn && !told ? `${this.drawn} has not told of it` : "", whose, ...about(w)].filter(Boolean).join(" · "));
    if (!this.lives) this.drawSteps(w.step);
    drawFall(byId("fall"), w);
    if (byId("fall-details").open) drawTable(byId("fall-table"), w);
  }

  drawSteps(step) {
    const slider = byId("fall-at");
    slider.max = this.steps.length - 1;
    slider.value = this.steps.indexOf(step);
    slider.setAttribute("aria-valuetext", `step ${step}`);
    setText(byId("fall-step"), `step ${integer(step)}${step === this.steps.at(-1) ? ", the last that was recorded" : ""}`);
  }
}
