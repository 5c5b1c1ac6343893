// The head of the page: what runs, how far it is, and its main figures.
import { byId, figure, setAttribute, text } from "./dom.js";
import * as f from "./format.js";

const mood = { training: "good", finished: "good", waiting: "warn", starting: "", stopping: "warn", stopped: "warn", failed: "bad" };

export function drawSummary(s) {
  drawHead(s);
  drawProgress(s);
  drawTiles(s);
}

function drawHead(s) {
  text("run-name", s.run.name || "Rondo");
  f.setSample(s.run.sample);
  for (const word of document.querySelectorAll("[data-sample]")) word.textContent = f.sampleWord();
  text("run-model", [s.run.model, s.run.parameters ? `${f.count(s.run.parameters)} parameters` : "", `${f.plural(s.lanes, "lane")}`].filter(Boolean).join(" · "));
  text("phase", s.phase || "unknown");
  setAttribute(byId("phase"), "class", `pill ${mood[s.phase] ?? ""}`);
  text("reason", s.reason);
  text("version", s.run.version);
  const title = [s.phase === "training" ? f.percent(s.step, s.steps) : s.phase, s.step ? `${f.bits(s.bits_per_char)} ${f.per("bits")}` : "", s.run.name, "Rondo"];
  document.title = title.filter(Boolean).join(" · ");
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
  figure("bits", begun ? f.bits(s.bits_per_char) : f.none);
  const last = (s.evaluations ?? []).at(-1);
  figure("held", last ? f.bits(last.bits_per_char) : f.none);
  text("held-sub", last ? `${f.per("bits")} at step ${f.integer(last.step)}` : "no evaluation yet");
  figure("rate", begun ? f.rate(s.rate) : f.none);
  const targets = s.run.batch * (s.run.length || 1);
  text("rate-sub", begun && s.rate > 0 && targets > 0 ? `${f.millis(targets / s.rate)} a step` : `${f.sampleWord()}s a second`);
  figure("lr", begun ? f.small(s.lr) : f.none);
  text("lr-sub", "of the last step");
  figure("epoch", f.integer(s.epoch));
  text("epoch-sub", `batch ${f.integer(s.run.batch)} × ${f.integer(s.run.length)}`);
  const elapsed = f.since(s.started, s.now);
  figure("elapsed", elapsed === null ? f.none : f.duration(elapsed));
  text("elapsed-sub", elapsed === null ? "not started" : `since ${f.clock(s.started)}`);
}
