// Evaluations, checkpoints, events and the facts of the run.
import { byId, copyButton, keyed, make, setAttribute, setText, text } from "./dom.js";
import * as f from "./format.js";

export function drawLists(s, route) {
  drawEvaluations(s);
  drawCheckpoints(s);
  drawEvents(s, route);
  drawRun(s);
}

const newestFirst = (list) => [...(list ?? [])].reverse();

const listed = 30; // evaluations or checkpoints

// drawEvaluations shows what the task measures. Of a task that measures nothing but its loss the chart says all.
function drawEvaluations(s) {
  const all = newestFirst(s.evaluations).filter((e) => e.measures?.length);
  byId("evaluations-card").hidden = all.length === 0;
  text("evaluations-sub", `on held-out data, ${all.length > listed ? `the newest ${listed} of ${f.integer(all.length)}` : "newest first"}`);
  keyed(byId("evaluations"), all.slice(0, listed), (e) => JSON.stringify(e), (e) => make("tr", {},
    make("td", { class: "num" }, f.integer(e.step)),
    make("td", { class: "num" }, f.bits(f.loss(e))),
    make("td", {}, f.measures(e.measures)),
  ), () => {});
}

function drawCheckpoints(s) {
  const all = newestFirst(s.checkpoints), list = all.slice(0, listed);
  byId("checkpoints-none").hidden = list.length > 0;
  byId("checkpoints").closest(".scroll").hidden = list.length === 0;
  text("checkpoints-sub", all.length > listed ? `the newest ${listed} of ${f.integer(all.length)}` : list.length ? "newest first" : "");
  keyed(byId("checkpoints"), list, (c) => `${c.step} ${c.digest}`, (c) => make("tr", {},
    make("td", { class: "num" }, f.integer(c.step)),
    make("td", {}, copyButton(f.short(c.digest), c.digest)),
    make("td", { class: "path" }, c.path),
    make("td", { class: "num" }, f.bytes(c.bytes)),
    make("td", { class: "num", title: f.moment(c.at) }, ""),
  ), (row, c) => setText(row.lastElementChild, f.duration(Math.max(0, Math.round(f.since(c.at, s.now) ?? 0)))));
}

// Events have no name of their own: time, step and words tell them apart, and
// a count tells apart those that are alike.
function withKeys(events) {
  const seen = new Map();
  return (events ?? []).map((e) => {
    const words = JSON.stringify([e.at, e.step, e.level, e.what, e.reason]);
    const n = (seen.get(words) ?? 0) + 1;
    seen.set(words, n);
    return { ...e, key: `${n} ${words}` };
  });
}

function drawEvents(s, route) {
  const all = newestFirst(withKeys(s.events)), grave = route.get("events") === "warn";
  const list = grave ? all.filter((e) => e.level !== "info") : all;
  byId("events-grave").checked = grave;
  byId("events-none").hidden = list.length > 0;
  text("events-none", all.length > 0 ? "Neither a warning nor an error." : "Nothing has happened yet.");
  byId("events").hidden = list.length === 0;
  keyed(byId("events"), list, (e) => e.key, (e) => {
    const level = ["info", "warn", "error"].includes(e.level) ? e.level : "info";
    const detail = [];
    if (e.step) detail.push(make("button", { type: "button", tabindex: "-1" }, `step ${f.integer(e.step)}`)); // arrow keys lead to it
    if (e.reason) detail.push(e.step ? ` · ${e.reason}` : e.reason);
    return make("li", { class: level, ...(e.step ? { "data-step": e.step } : {}) },
      make("time", { datetime: e.at, title: f.moment(e.at) }, f.clock(e.at)),
      make("span", { class: "level" }, level),
      make("div", {}, make("p", { class: "what" }, e.what), ...(detail.length ? [make("p", { class: "sub" }, ...detail)] : [])));
  }, () => {});
}

// throughEvents goes from one event with a step to the next by the arrow keys; Enter looks at the step of the one it is at.
export function throughEvents(event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by || event.ctrlKey || event.altKey || event.metaKey) return;
  const all = [...event.currentTarget.querySelectorAll("button")], at = all.indexOf(document.activeElement);
  if (all.length === 0 || (at < 0 && by < 0)) return;
  event.preventDefault();
  (all[at + by] ?? (at + by < 0 ? event.currentTarget : all[at])).focus();
}

function drawRun(s) {
  const newest = (s.checkpoints ?? []).at(-1);
  const facts = [
    ["Newest digest", newest?.digest, true], ["Data", s.run.data_hash, true], ["Run", s.run.id], ["Parameters", f.integer(s.run.parameters)],
    ["Leader", s.run.leader], ["Generation", f.integer(s.generation)], ["Checkpoints in", s.run.dir], ["Version", s.run.version],
  ].filter(([, value]) => value);
  keyed(byId("facts"), facts, ([name, value]) => `${name} ${value}`, ([name, value, digest]) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, digest ? copyButton(value.slice(0, 20) + "…", value) : value)), () => {});
  text("run-file", s.run.file);
  setAttribute(byId("run-file"), "aria-label", "run file");
}
