// The head of the page: what runs, how far it is, and its main figures.
import { isOver } from "./api.js";
import { byId, figure, keyed, make, setAttribute, setText, text } from "./dom.js";
import * as f from "./format.js";

const mood = { training: "good", finished: "good", waiting: "warn", starting: "", stopping: "warn", stopped: "warn", failed: "bad", standby: "" };
// What is wrong with a run that goes on stands in the place of its phase.
const wrong = { stalled: "standing still", diverging: "diverging" };

export function drawSummary(s) {
  drawHead(s);
  drawAlarms(s);
  drawProgress(s);
  drawTiles(s);
}

function drawHead(s) {
  text("run-name", s.run.name || "Rondo");
  f.setSample(s.run.sample);
  f.setPlain(s.run.plain_loss);
  for (const word of document.querySelectorAll("[data-sample]")) setText(word, f.sampleWord());
  for (const word of document.querySelectorAll("[data-loss]")) setText(word, f.lossWord());
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
  byId("alarms").hidden = alarms.length === 0;
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

function drawTiles(s) {
  const begun = s.step > 0;
  figure("bits", begun ? f.bits(f.loss(s)) : f.none);
  const last = (s.evaluations ?? []).at(-1);
  figure("held", last ? f.bits(f.loss(last)) : f.none);
  text("held-sub", last ? heldText(last) : "no evaluation yet");
  figure("rate", begun ? f.rate(s.rate) : f.none);
  text("rate-sub", rateText(s, begun));
  figure("lr", begun ? f.small(s.lr) : f.none);
  text("lr-sub", "of the last step");
  figure("epoch", f.integer(s.epoch));
  text("epoch-sub", `batch ${f.integer(s.run.batch)} × ${f.integer(s.run.length)}`);
  const elapsed = f.since(s.started, s.now);
  figure("elapsed", elapsed === null ? f.none : f.duration(elapsed));
  text("elapsed-sub", elapsed === null ? "not started" : `since ${f.clock(s.started)}`);
}

// heldText names the foremost measure of an evaluation; the card of evaluations has all.
function heldText(e) {
  const unit = typeof f.loss(e) === "number" ? f.lossUnit() : "not finite";
  return e.measures?.length ? `${f.measure(e.measures[0])}, step ${f.integer(e.step)}` : `${unit} at step ${f.integer(e.step)}`;
}

function rateText(s, begun) {
  const stalled = (s.alarms ?? []).find((a) => a.kind === "stalled");
  if (stalled) return `no step since ${f.clock(stalled.since)}`;
  const targets = s.run.batch * (s.run.length || 1);
  return begun && s.rate > 0 && targets > 0 ? `${f.millis(targets / s.rate)} a step` : `${f.sampleWord()}s a second`;
}
