// The table of workers: who they are, which lanes they own, and where the time
// of their steps goes.
import { byId, keyed, make, setAttribute, setText, text } from "./dom.js";
import * as f from "./format.js";
import { linkText } from "./links.js";

const mood = { training: "good", finished: "good", lost: "bad", failed: "bad", joined: "warn" };
const single = 12; // lanes of one worker that are named one by one; of more workers than that a row is low
const parts = [["compute", "compute", "compute"], ["ring", "ringing", "ring"], ["wait", "waiting", "waiting"], ["data", "data", "data"]];
const tight = 0.9; // of the memory that a process may hold
const quiet = 5; // seconds without a word that are worth a mention
const colours = 8; // --w0 .. --w7

// colourOf gives each worker a colour of its own, the same in the ring and the
// table. Beyond the chosen ones each is far from those before: by the golden angle.
export const colourOf = (index) => (index < colours ? `var(--w${index})` : `oklch(.62 .14 ${((index * 137.508 + 20) % 360).toFixed(1)})`);

// lanesOf lists a worker's lanes.
export const lanesOf = (w) => Array.from({ length: Math.max(0, w.end_lane - w.first_lane) }, (_, i) => w.first_lane + i);

export function drawWorkers(s) {
  const workers = s.workers ?? [];
  byId("workers-none").hidden = workers.length > 0;
  byId("workers").closest(".scroll").hidden = workers.length === 0;
  const here = workers.filter((w) => w.state !== "lost").length;
  text("workers-sub", s.expected > here ? `${here} of ${f.integer(s.expected)} here` : f.integer(here));
  byId("workers").closest("table").classList.toggle("dense", workers.length > single);
  const longest = Math.max(...workers.map(total), 1e-9);
  const rows = workers.map((w, index) => ({ w, index })).sort((a, b) => trouble(b.w, s) - trouble(a.w, s));
  keyed(byId("workers"), rows, ({ w }) => w.name, createRow,
    (row, { w, index }) => fillRow(row, w, index, s, longest));
}

// heard is false of a worker that is known from a run's directory alone: its lanes and how far it came are all that is.
export const heard = (w) => w.pid > 0;

// trouble puts those first that hold up the others: lost, slow, or steps behind.
const trouble = (w, s) => (w.state === "lost" ? 3e9 : 0) + (w.slow ? 2e9 : 0) + (w.state === "training" && s.step - w.step > 1 ? Math.min(s.step - w.step, 1e9) : 0);

const total = (w) => Math.max(w.total || 0, parts.reduce((sum, [field]) => sum + (w[field] || 0), 0));

function createRow() {
  const cell = (name, label, kind = "") => make("td", { class: `${name} ${kind}`.trim(), ...(label ? { "data-label": label } : {}) });
  const row = make("tr", {}, cell("name"), cell("lane-cell", "", "wide"), cell("state-cell"), cell("step", "step", "num"),
    cell("times", "", "wide"), cell("sent", "to the next", "num"), cell("heap", "memory", "num"), cell("cpu", "processor"));
  row.children[0].append(make("strong"), make("span", { class: "sub" }));
  row.children[1].append(make("span", { class: "lanes", role: "img" }));
  row.children[2].append(make("span"));
  for (const i of [5, 6, 7]) row.children[i].append(make("span"), make("span", { class: "sub" }));
  row.children[4].append(make("div", { class: "bar", role: "img" }, ...parts.map(([, kind]) => make("i", { class: kind }))), make("div", { class: "bar-text" }), make("span", { class: "sub note" })); // the widest cell
  return row;
}

function fillRow(row, w, index, s, longest) {
  const [name, lanes, state, step, times, sent, heap, cpu] = row.children;
  row.style.setProperty("--worker", colourOf(index));
  setAttribute(row, "class", w.slow ? `${w.state} slow` : w.state);
  setText(name.firstChild, w.name);
  setAttribute(name, "title", heard(w) ? `${w.name} on ${w.host}, pid ${w.pid}` : w.name);
  setText(name.lastChild, heard(w) ? `${w.host} · pid ${w.pid}` : w.host);
  fillLanes(lanes.firstChild, w, s.workers.length > single ? 1 : single);
  setText(state.firstChild, w.state);
  setAttribute(state.firstChild, "class", `state ${mood[w.state] ?? ""}`);
  const behind = w.state === "training" && s.step - w.step > 1 ? ` (−${f.integer(s.step - w.step)})` : "";
  setText(step, f.integer(w.step) + behind);
  fillTimes(times, w, longest);
  setText(times.lastChild, note(w, s));
  setText(sent.firstChild, heard(w) && w.step ? `${f.bytes(w.sent)}/s` : f.none);
  setText(sent.lastChild, w.link ? [f.millis(w.link.rtt), w.link.retransmits ? `${f.integer(w.link.retransmits)} resent` : ""].filter(Boolean).join(" · ") : "");
  setAttribute(sent, "title", linkText(w));
  fillMemory(heap, w);
  fillProcessor(cpu, w);
}

// fillProcessor shows the share of what the threads could do, where that is known.
function fillProcessor(cell, w) {
  const threads = heard(w) ? f.plural(w.threads, "thread") : "";
  setText(cell.firstChild, w.share ? `${f.percent(w.share, 1)} of ${f.count(w.ceiling)}FLOP/s` : w.tier || f.none);
  setText(cell.lastChild, w.share ? `${w.tier} · ${threads}` : threads);
  setAttribute(cell, "title", w.share ? speedText(w) : "");
}

// speedText tells a worker's speed in the whole step, and while it computes.
function speedText(w) {
  const speed = (seconds) => `${f.count(w.operations / seconds)}FLOP/s`;
  const alone = w.compute > 0 ? `, ${speed(w.compute)} (${f.percent(w.operations / w.compute, w.ceiling)}) while it computes` : "";
  return `${f.count(w.operations)}FLOP of products and convolutions a step: ${speed(w.total)} over whole steps${alone}`;
}

// fillMemory shows what a process holds of what it may, and of older workers the heap alone.
function fillMemory(cell, w) {
  setText(cell.firstChild, w.memory || w.heap ? f.bytes(w.memory || w.heap) : f.none);
  setText(cell.lastChild, w.memory && w.limit ? `of ${f.bytes(w.limit)}` : "");
  cell.classList.toggle("tight", w.limit > 0 && w.memory >= tight * w.limit);
  setAttribute(cell, "title", w.heap ? `heap ${f.bytes(w.heap)}` : "");
}

// note says what is wrong with a worker, if anything is.
function note(w, s) {
  if (w.cause) return w.cause;
  if (w.slow) return `takes ${w.slow.toFixed(1)} × as long for a lane as the others`;
  if (w.throttled >= 0.01) return `held back by its quota for ${f.percent(w.throttled, 1)} of its time`;
  const silent = f.since(w.seen, s.now);
  return w.state === "training" && s.phase === "training" && silent > quiet ? `silent for ${f.duration(silent)}` : "";
}

function fillLanes(node, w, most) {
  const lanes = lanesOf(w);
  setAttribute(node, "aria-label", lanes.length ? `lanes ${lanes.join(", ")}` : "no lanes");
  const shown = lanes.length > most ? [`${lanes[0]}–${lanes.at(-1)}`] : lanes;
  keyed(node, shown, (l) => l, (l) => make("b", {}, String(l)), () => {});
}

// fillTimes draws one bar; all workers' bars share one scale.
function fillTimes(cell, w, longest) {
  const [bar, words] = cell.children;
  parts.forEach(([field], i) => { bar.children[i].style.width = `${(100 * (w[field] || 0)) / longest}%`; });
  const said = parts.map(([field, , name]) => `${name} ${f.millis(w[field])}`);
  setAttribute(bar, "aria-label", `step ${f.millis(total(w))}: ${said.join(", ")}`);
  if (total(w) === 0) return keyed(words, [heard(w) ? "no step yet" : f.none], String, (said) => make("span", {}, said), () => {});
  keyed(words, [["total", f.millis(total(w))], ...parts.map(([field, , name]) => [name, f.millis(w[field])])], ([k]) => k,
    ([k]) => make("span", {}, k === "total" ? "" : `${k} `, make("b")), (node, [, v]) => setText(node.lastChild, v));
}
