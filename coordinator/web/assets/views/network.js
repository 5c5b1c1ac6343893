// The network: its layers, foldable, and how one of them fares.
import { isOver } from "../api.js";
import { kept } from "../kept.js";
import { byId, make } from "../dom.js";
import { millis } from "../format.js";
import { plot } from "../plots.js";
import { template } from "../views.js";

export const title = "Network";
export const applies = ({ layers }) => layers === true;

const every = 2000; // ms between two questions; the worker looks as often as it likes
const levels = { good: "✓", watch: "!", bad: "✕" };
const shows = ["health", "time", "parameters", "operations"]; // what the tree can show of a layer
let store = null, timer = 0, run = null, graph = null, health = null, drawn = "", wanted = "", asking = 0;

export function mount(el, s) {
  store = s;
  el.append(template("network"));
  store.want(0);
  [run, graph, health, drawn, wanted] = [s.name, null, null, "", ""];
  byId("network-find").addEventListener("input", (event) => store.route.set({ find: event.target.value }));
  byId("network-colour").addEventListener("change", (event) => store.route.set({ colour: event.target.value === shows[0] ? null : event.target.value }));
  byId("network-tree").addEventListener("toggle", fold, { capture: true }); // it does not bubble
  byId("network-tree").addEventListener("click", (event) => {
    const row = event.target.closest("button[data-layer]");
    if (row) store.route.set({ layer: row.dataset.layer });
  });
  ask();
  timer = setInterval(() => { if (!document.hidden && goesOn() && asking === 0) ask(); }, every);
}

// goesOn says whether there will be more to see.
const goesOn = () => !kept && (graph === null || !isOver(store.status.phase));

export function update() {
  if (run !== store.name) { // another run is shown
    [run, graph, health, drawn] = [store.name, null, null, ""];
    ask();
  }
  const layer = store.route.get("layer") ?? "", other = layer !== wanted;
  wanted = layer;
  drawTree();
  if (other) ask();
}

// finds, showing and folded are what the address says of the tree.
const finds = () => store.route.get("find") ?? "";
const showing = () => shows.find((name) => name === store.route.get("colour")) ?? shows[0];
const folded = () => new Set((store.route.get("fold") ?? "").split(",").filter(Boolean));

// fold writes which blocks are closed. While layers are searched for, all are open.
function fold(event) {
  const { path } = event.target.dataset, closed = folded();
  if (finds() || event.target.open === !closed.has(path)) return;
  if (event.target.open) closed.delete(path);
  else closed.add(path);
  store.route.set({ fold: [...closed].sort().join(",") });
}

export function unmount() {
  clearInterval(timer);
  store = null;
}

// ask fetches the graph once, how all layers fare, and the past of the one that is open. An answer that comes when the view
// has gone, or another layer is open, goes.
async function ask() {
  const mine = store, layer = wanted;
  if (mine.route.get("run") !== mine.name) return; // the status of another run is on its way
  asking++; // where answers take longer than the time between two questions, these do not pile up
  try {
    const of = mine.name, fresh = () => store === mine && mine.name === of;
    const network = graph?.layers.length ? graph : await mine.get(mine.ofRun("api/network"));
    const fares = await mine.get(mine.ofRun("api/health"));
    if (!fresh()) return;
    [graph, health] = [network, fares];
    drawTree();
    const past = layer && graph.layers.some((l) => l.name === layer) ? await mine.get(mine.ofRun(`api/health?layer=${encodeURIComponent(layer)}`)) : null;
    if (fresh() && layer === wanted) drawLayer(past);
  } catch (error) {
    if (store !== mine) return;
    console.info(`the layers are not to be had: ${error.message}`);
    if (!graph) byId("network-none").textContent = `The layers are not to be had: ${error.message}.`;
  } finally {
    asking--;
  }
}

const signsOf = (name) => health?.layers.find((s) => s.name === name);
const amount = (layer, colour) => ({ operations: layer.operations, time: signsOf(layer.name)?.time ?? 0 })[colour] ?? layer.count;
const said = (layer, colour) => (colour === "time" ? millis(amount(layer, colour)) : amount(layer, colour).toLocaleString("en"));
const shape = (list) => list.join("×");

// matches finds a layer by its name, its kind, or a shape: "32×32" or "32x32".
function matches(layer, text) {
  const find = text.trim().toLowerCase().replaceAll("x", "×");
  const shapes = [layer.shape, ...layer.parameters.map((p) => p.shape)].map(shape);
  return !find || [layer.name, layer.kind].some((s) => s.toLowerCase().replaceAll("x", "×").includes(find)) || shapes.some((s) => s.includes(find));
}

// drawTree draws the layers, folded by the paths in their names, when anything changed.
function drawTree() {
  const find = finds(), colour = showing(), closed = folded();
  if (document.activeElement !== byId("network-find")) byId("network-find").value = find;
  byId("network-colour").value = colour;
  if (!graph) return;
  const shown = graph.layers.filter((l) => matches(l, find));
  const stamp = JSON.stringify([find, colour, wanted, [...closed], shown.map((l) => [l.name, signsOf(l.name)?.level, colour === "time" && amount(l, colour)])]);
  if (stamp === drawn) return;
  drawn = stamp;
  const tree = byId("network-tree"), held = tree.contains(document.activeElement) ? nameOf(document.activeElement) : null;
  const most = Math.max(1e-9, ...graph.layers.map((l) => amount(l, colour)));
  tree.replaceChildren();
  const blocks = new Map([["", tree]]);
  for (const layer of shown) {
    const parts = layer.name.split(".");
    let path = "";
    for (const part of parts.slice(0, -1)) {
      const parent = blocks.get(path);
      path = path ? `${path}.${part}` : part;
      if (!blocks.has(path)) {
        const block = make("details", { "data-path": path }, make("summary", {}, path));
        block.open = !closed.has(path) || find !== "";
        parent.append(block);
        blocks.set(path, block);
      }
    }
    blocks.get(path).append(row(layer, colour, most));
  }
  if (held) [...tree.querySelectorAll("button, summary")].find((node) => nameOf(node) === held)?.focus({ preventScroll: true });
  byId("network-none").hidden = shown.length > 0;
  byId("network-none").textContent = graph.layers.length ? "No layer is called so, or has this shape." : "The first worker tells what it trains with its next step.";
}

// nameOf is what a row or the head of a block is of; what had the keyboard's focus has it again when the tree was drawn anew.
const nameOf = (node) => node.dataset.layer ?? (node.localName === "summary" ? `${node.parentElement.dataset.path}.` : null);

function row(layer, colour, most) {
  const level = signsOf(layer.name)?.level ?? "good";
  const button = make("button", { type: "button", "data-layer": layer.name, "aria-pressed": String(layer.name === wanted) },
    make("span", { class: "name" }, layer.name), make("span", { class: "sub" }, `${layer.kind} ${shape(layer.shape)}`));
  if (colour === "health") button.append(make("span", { class: `level ${level}`, title: level }, levels[level]));
  else button.append(make("progress", { max: most, value: amount(layer, colour), title: said(layer, colour), "aria-label": `${colour}: ${said(layer, colour)}` }));
  return button;
}

// drawLayer draws how a layer fares.
function drawLayer(past) {
  byId("layer-none").hidden = past !== null;
  byId("layer").hidden = past === null;
  if (!past) return;
  const layer = graph.layers.find((l) => l.name === past.name);
  byId("layer-name").textContent = past.name;
  byId("layer-kind").textContent = [layer.kind, shape(layer.shape), layer.count ? `${layer.count.toLocaleString("en")} parameters` : ""].filter(Boolean).join(", ");
  const verdict = byId("layer-verdict");
  verdict.className = `fares ${past.level}`;
  verdict.textContent = health.step ? `${past.rule ? `${past.rule}: ` : ""}${past.verdict}` : "Not measured yet.";
  byId("layer-plots").replaceChildren(...plots(past).filter(Boolean));
}

function plots(past) {
  const x = past.steps;
  const column = (name, title, usual) => plot({ title, x, line: past.columns[name]?.last ?? [], bands: [[past.columns[name]?.min ?? [], past.columns[name]?.max ?? []]], usual });
  const spread = (title, list) => plot({ title, x, line: list.map((d) => d.quantiles[3] ?? null),
    bands: [[0, 6], [1, 5], [2, 4]].map(([low, high]) => [list.map((d) => d.quantiles[low] ?? null), list.map((d) => d.quantiles[high] ?? null)]) });
  const list = [column("ratio", "log₁₀ of update by weights; −4 to −2 is usual", [-4, -2]), column("gradient", "norm of the gradient"),
    column("dead", "share of dead units"), column("time", "seconds of forward and backward"), column("flat", `share of the ${past.gate ?? ""} gate that is open or closed`)];
  const steps = past.by_step.at(-1);
  if (steps) list.push(plot({ title: "log₁₀ of the gradient by time step", x: steps.map((_, i) => i), line: steps.map((v) => (v > 0 ? Math.log10(v) : null)), unit: "time step" }));
  list.push(spread("activations: 1, 5, 25, 50, 75, 95, 99 %", past.output));
  for (const [name, p] of Object.entries(past.parameters)) {
    for (const what of ["weight", "gradient", "update"]) list.push(spread(`${what} of ${name}`, p[what]), histogram(`${what} of ${name}: how many of each magnitude`, p[what].at(-1)));
  }
  return list;
}

// histogram is the newest one, by magnitude, both signs together.
function histogram(title, d) {
  const sums = new Map();
  for (const bins of [d?.positive, d?.negative]) {
    bins?.counts.forEach((n, i) => sums.set(bins.first + i, (sums.get(bins.first + i) ?? 0) + n));
  }
  const at = [...sums.keys()].sort((a, b) => a - b);
  return plot({ title, x: at.map((k) => k / 2), line: at.map((k) => sums.get(k)), unit: "2 to the" });
}
