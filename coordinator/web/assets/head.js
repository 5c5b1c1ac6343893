// The head of the page, on every view: what runs, how far it is, and whether it is well.
import { isOver } from "./api.js";
import { byId, keyed, make, setAttribute, setText, text } from "./dom.js";
import * as f from "./format.js";

const mood = { training: "good", finished: "good", waiting: "warn", starting: "", stopping: "warn", stopped: "warn", failed: "bad", standby: "" };
// What is wrong with a run that goes on stands in the place of its phase.
const wrong = { stalled: "standing still", diverging: "diverging" };

export function drawHead(s) {
  drawName(s);
  drawAlarms(s);
  drawProgress(s);
}

function drawName(s) {
  text("run-name", s.run.name || "Rondo");
  text("run-model", [s.run.model, s.run.parameters ? `${f.count(s.run.parameters)} parameters` : "", `${f.plural(s.lanes, "lane")}`].filter(Boolean).join(" · "));
  const alarm = isOver(s.phase) ? undefined : (s.alarms ?? []).map((a) => wrong[a.kind]).find(Boolean);
  text("phase", alarm ?? (s.phase || "unknown"));
  setAttribute(byId("phase"), "class", `pill ${alarm ? "bad" : mood[s.phase] ?? ""}`);
  text("reason", s.why || s.reason);
  text("version", s.run.version);
  const title = [alarm, s.phase === "training" ? f.percent(s.step, s.steps) : s.phase, s.step ? `${f.bits(f.loss(s))} ${f.lossUnit()}` : "", s.run.name, "Rondo"];
  document.title = title.filter(Boolean).join(" · ");
}

// drawAlarms says what is wrong, in whole sentences.
function drawAlarms(s) {
  const alarms = s.alarms ?? [];
  byId("alarms").hidden = byId("alarm-count").hidden = alarms.length === 0;
  text("alarm-count", `▲ ${f.plural(alarms.length, "alarm")}`);
  keyed(byId("alarms"), alarms, (a) => `${a.kind} ${a.since}`, (a) => make("li", { class: wrong[a.kind] ? "grave" : "" },
    make("span", {}), make("time", { datetime: a.since, title: f.moment(a.since) })), (li, a) => {
    setText(li.firstChild, a.what);
    setText(li.lastChild, isOver(s.phase) ? `at ${f.clock(a.since)}` : `for ${f.duration(Math.max(0, Math.round(f.since(a.since, s.now) ?? 0)))}`);
  });
}

function drawProgress(s) {
  text("step", `step ${f.integer(s.step)}`);
  text("steps", `of ${f.integer(s.steps)} · ${f.percent(s.step, s.steps)}`);
  text("left", ["training", "stopping"].includes(s.phase) && s.seconds_left > 0 ? f.duration(s.seconds_left) : f.none);
  const bar = byId("progress");
  bar.max = Math.max(1, s.steps);
  bar.value = s.step;
}

// drawUpdated says how old the figures are.
export function drawUpdated(answered) {
  if (!answered) return;
  const age = (Date.now() - answered) / 1000;
  text("updated", `updated ${age < 9.95 ? `${age.toFixed(1)} s` : f.duration(age)} ago`);
}
