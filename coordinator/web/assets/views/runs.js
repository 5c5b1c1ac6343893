// Runs beside one another: their curves on the same axes, what each came to, how
// their files differ, and how far they have the same bits.
import { isOver } from "../api.js";
import { chosen, Controls } from "../controls.js";
import { byId, keyed, make, setAttribute, setText } from "../dom.js";
import * as f from "../format.js";
import { bestOf, colourOf, key, metricsOf, OverlayChart, valueOf } from "../overlay.js";
import { format } from "../route.js";
import { differences, RunTable, sameText } from "../runtable.js";
import { Span } from "../series.js";
import { template } from "../views.js";

export const title = "Runs";
export const applies = ({ runs }) => Boolean(runs?.length);

const every = 3000; // ms between two looks at runs of which one goes on
const drawnAtOnce = 4000; // points of all runs together
const wholePoints = 60; // of a sparkline

let store = null, timer = 0, asking = false, again = false;
let controls = null, table = null, charts = [], shape = "", points = 0;
let runs = [], answer = null;

export function mount(el, s) {
  store = s;
  el.append(template("runs"));
  byId("runs-controls").replaceWith(document.getElementById("view-run").content.querySelector(".controls").cloneNode(true));
  controls = new Controls(byId("controls"), store.route);
  table = new RunTable(byId("runs-table"), store.route);
  [runs, answer, charts, shape] = [[], null, [], ""];
  points = Math.round(Math.min(600, Math.max(150, el.clientWidth * 0.5)));
  for (const id of ["runs-shown", "runs-all"]) byId(id).addEventListener("click", toggle);
  byId("runs-base").addEventListener("change", (event) => store.route.set({ base: event.target.value === runs[0]?.name ? null : event.target.value }));
  byId("runs-at").addEventListener("input", (event) => store.route.set({ at: event.target.value }));
  byId("runs-metrics").addEventListener("change", chooseMetrics);
  store.want(0);
  timer = setInterval(() => { if (!document.hidden && runs.some((r) => !isOver(r.summary.phase))) ask(); }, every);
}

export function unmount() {
  clearInterval(timer);
  for (const chart of charts) chart.remove();
  store = controls = table = null;
}

// update draws what is known for the address as it is now, and asks for what is not.
export function update() {
  draw();
  if (!answer || stale()) ask();
}

const settings = () => JSON.stringify(["base", "x", "at", "hide"].map((name) => store.route.get(name)));
const stale = () => answer.settings !== settings();
const hidden = () => new Set((store.route.get("hide") ?? "").split(",").filter(Boolean).map((n) => runs[Number(n) - 1]?.name));
const shown = () => runs.filter((r) => !hidden().has(r.name));
const base = () => runs.find((r) => r.name === answer?.base) ?? runs[0];

// ask brings all runs up to date, one question at a time. An answer that comes when
// the view has gone goes.
async function ask() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  const mine = store;
  do {
    again = false;
    try {
      await fetchAll(mine);
    } catch (error) {
      console.info(`the runs are not to be had: ${error.message}`);
      if (store === mine && answer) answer.settings = settings(); // until the reader chooses anew
    }
  } while (again && store === mine);
  asking = false;
  if (store && store !== mine) ask(); // it was left and opened again meanwhile
}

async function fetchAll(mine) {
  const wanted = settings(), named = mine.route.get("base");
  let list;
  try {
    list = await mine.get(`api/runs${named === null ? "" : `?base=${encodeURIComponent(named)}`}`);
  } catch (error) {
    if (!error.missing) throw error;
    list = await mine.get("api/runs"); // an address of other runs
  }
  if (store !== mine) return;
  runs = list.runs.map((summary, index) => Object.assign(runs.find((r) => r.name === summary.name) ?? newRun(mine, summary.name), { summary, index }));
  answer = { ...list, settings: wanted };
  const inView = shown(), each = Math.max(100, Math.min(points, Math.floor(drawnAtOnce / Math.max(1, inView.length))));
  await Promise.all(runs.map(async (r) => {
    try {
      await r.fetch(inView.includes(r), mine.route.x, mine.route.at, each);
    } catch (error) {
      console.info(`${r.name} is not to be had: ${error.message}`);
    }
    r.ready ||= inView.includes(r);
  }));
  if (store === mine) draw();
}

// newRun is what is kept of a run: its summary, status, history in view and as a whole,
// and its values at the step that is looked at.
function newRun(mine, name) {
  const of = (path) => mine.get(`${path}${path.includes("?") ? "&" : "?"}run=${encodeURIComponent(name)}`);
  const span = new Span(of), whole = new Span(of);
  const run = { name, ready: false, status: null, data: null, whole: null, at: null, href: null };
  let stamp = "", atStamp = "";
  run.fetch = async (inView, range, at, points) => {
    const { step, phase } = run.summary, now = `${step} ${phase}`;
    if (stamp !== now) run.status = await of("api/status");
    stamp = now;
    run.whole = await whole.ask(null, wholePoints, now, step);
    if (inView) run.data = await span.ask(range, points, now, step);
    if (atStamp === `${at} ${now}`) return;
    run.at = at === null ? null : atStep(run.status, at, await of(`api/series?from=${Math.max(1, at)}&to=${Math.max(1, at)}&points=1`));
    atStamp = `${at} ${now}`;
  };
  return run;
}

// atStep gives a run's values at a step: those of its history there, and those of the
// newest evaluation by then. A value that is of another step, as in a bucket, names it.
function atStep(status, at, series) {
  const e = (status.evaluations ?? []).findLast((x) => x.step <= at), past = at > status.step;
  const of = (value, step) => ({ value: past ? null : value ?? null, step: step === at || past ? 0 : step });
  return (m) => (m.held ? of(e && valueOf(e, m.name), e?.step) : of(series.columns[m.name]?.last[0], series.steps[0]));
}

// metrics are those that the reader chose for the table: at first the losses and the
// foremost measure.
function metrics(all) {
  const named = store.route.get("cols")?.split(",");
  const list = named ? all.filter((m) => named.includes(key(m))) : [];
  if (list.length > 0) return list;
  const measure = all.find((m) => m.held && m.name !== "loss");
  return all.filter((m) => m.name === "loss" || m === measure);
}

function chooseMetrics() {
  const list = [...byId("runs-metrics").querySelectorAll("input:checked")].map((i) => i.value);
  store.route.set({ cols: list.length ? list.join(",") : null });
}

function toggle(event) {
  const button = event.target.closest("button");
  if (!button) return;
  const off = hidden(), { name, all } = button.dataset;
  if (all === "on") off.clear();
  else if (all === "off") for (const r of runs) off.add(r.name);
  else if (!off.delete(name)) off.add(name);
  store.route.set({ hide: runs.filter((r) => off.has(r.name)).map((r) => r.index + 1).join(",") });
}

function draw() {
  controls.show(base()?.data);
  const at = store.route.at;
  if (document.activeElement !== byId("runs-at")) byId("runs-at").value = at ?? "";
  if (runs.length === 0) return;
  for (const r of runs) r.href = format("run", new Map([...store.route.settings, ["run", r.name]].filter(([name]) => !["hide", "base", "sort", "cols"].includes(name))));
  const all = metricsOf(runs.map((r) => r.summary)), chosenOnes = metrics(all);
  drawShown();
  drawCharts(all);
  table.draw(runs, chosenOnes, hidden(), at);
  drawMetrics(all, chosenOnes);
  drawSame();
  drawDifferences();
}

// drawShown draws the buttons that show and hide runs.
function drawShown() {
  const off = hidden();
  keyed(byId("runs-shown"), runs, (r) => r.name, (r) => {
    const swatch = make("i", { class: "swatch", "aria-hidden": "true" });
    swatch.style.background = `var(${colourOf(r.index)})`;
    return make("li", {}, make("button", { type: "button", class: "run", "data-name": r.name }, swatch, r.name));
  }, (li, r) => setAttribute(li.firstChild, "aria-pressed", String(!off.has(r.name))));
}

// charted are the metrics with a chart: what there is of these.
const charted = ["loss", "norm", "lr", "rate"];

function drawCharts(all) {
  if (shown().some((r) => !r.ready)) return; // they come together
  const list = shown().filter((r) => r.data?.steps.length > 0);
  const measure = all.find((m) => m.held && m.name !== "loss");
  const wanted = all.filter((m) => (m.held ? m.name === "loss" || m === measure : charted.includes(m.name)));
  byId("runs-none").hidden = shown().length > 0;
  const now = JSON.stringify([wanted.map(key), list.map((r) => r.name)]);
  if (now !== shape) {
    shape = now;
    for (const chart of charts) chart.remove();
    charts = list.length === 0 ? [] : wanted.map((m) => new OverlayChart(store, m, list));
    byId("runs-first").replaceChildren(...charts.slice(0, 1).map((c) => c.card));
    byId("runs-charts").replaceChildren(...charts.slice(1).map((c) => c.card));
    charts[0]?.figure.classList.add("tall");
  }
  const first = list.includes(base()) ? base() : list[0];
  for (const chart of charts) chart.draw(chosen(store.route), list, first);
}

function drawMetrics(all, chosenOnes) {
  keyed(byId("runs-metrics"), all, key, (m) => make("label", {}, make("input", { type: "checkbox", value: key(m) }), ` ${key(m)}`),
    (label, m) => { label.firstChild.checked = chosenOnes.includes(m); });
  setText(byId("runs-best"), `Best is the ${[...new Set(chosenOnes.map(bestOf).filter(Boolean))].map((b) => (b === "least" ? "lowest" : "highest")).join(" or the ")} value of any step.`);
}

function drawSame() {
  const select = byId("runs-base");
  keyed(select, runs, (r) => r.name, (r) => make("option", { value: r.name }, r.name), () => {});
  if (document.activeElement !== select) select.value = answer.base;
  byId("runs-same-card").hidden = runs.length < 2;
  keyed(byId("runs-same"), answer.same, (s) => `${s.a}\n${s.b}`, () => make("li"), (li, s) => {
    setAttribute(li, "class", s.differs ? "differs" : s.to ? "same" : "");
    setText(li, sameText(s));
  });
}

// drawDifferences puts the base first.
function drawDifferences() {
  const list = [base(), ...shown().filter((r) => r !== base())];
  const rows = differences(list), stamp = JSON.stringify([list.map((r) => r.name), rows]);
  const el = byId("runs-differences");
  byId("runs-differences-card").hidden = runs.length < 2;
  setText(byId("runs-differences-none"), rows.length ? "" : list.length < 2 ? "One run alone is shown." : "The fields that are known do not differ.");
  el.closest(".scroll").hidden = rows.length === 0;
  if (el.dataset.stamp === stamp) return;
  el.dataset.stamp = stamp;
  el.tHead.replaceChildren(make("tr", {}, make("th", { scope: "col" }, "Field"), ...list.map((r, i) => make("th", { scope: "col" }, r.name, ...(i ? [] : [make("small", {}, " base")])))));
  el.tBodies[0].replaceChildren(...rows.map((row) => make("tr", {}, make("th", { scope: "row" }, row.path, make("span", { class: "sub" }, row.bits ? "decides the bits" : "")),
    ...row.values.map((v, i) => make("td", { class: v === row.values[0] ? "" : "other", ...(i ? {} : { class: "" }) }, v === undefined ? f.none : v === "" ? "(empty)" : v)))));
}
