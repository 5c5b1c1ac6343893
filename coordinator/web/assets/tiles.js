// The main figures of a run.
import { isOver } from "./api.js";
import { figure, setText, text } from "./dom.js";
import * as f from "./format.js";

export function drawTiles(s) {
  for (const word of document.querySelectorAll("[data-sample]")) setText(word, f.sampleWord());
  for (const word of document.querySelectorAll("[data-loss]")) setText(word, f.lossWord());
  const begun = s.step > 0;
  figure("bits", begun ? f.bits(f.loss(s)) : f.none);
  const last = (s.evaluations ?? []).at(-1), first = last?.measures?.[0];
  figure("held", first ? f.measureValue(first) : last ? f.bits(f.loss(last)) : f.none);
  text("held-name", first ? `Held-out ${first.name}` : "Held-out");
  text("held-sub", last ? heldText(last, first) : "no evaluation yet");
  figure("rate", begun && (s.rate > 0 || !isOver(s.phase)) ? f.rate(s.rate) : f.none);
  text("rate-sub", rateText(s, begun));
  figure("lr", begun ? f.small(s.lr) : f.none);
  text("lr-sub", "of the last step");
  figure("epoch", f.integer(s.epoch));
  text("epoch-sub", `batch ${f.integer(s.run.batch)} × ${f.integer(s.run.length)}`);
  const elapsed = f.since(s.started, s.now);
  figure("elapsed", elapsed === null ? f.none : f.duration(elapsed));
  text("elapsed-sub", elapsed === null ? "not started" : `since ${f.clock(s.started)}`);
}

// heldText says the loss beside the foremost measure; the card of evaluations has all.
function heldText(e, first) {
  const finite = Number.isFinite(f.loss(e));
  const loss = first && finite ? `${f.bits(f.loss(e))} ${f.lossUnit()}` : finite ? f.lossUnit() : "not finite";
  return `${loss} at step ${f.integer(e.step)}`;
}

function rateText(s, begun) {
  const stalled = (s.alarms ?? []).find((a) => a.kind === "stalled");
  if (stalled) return `no step since ${f.clock(stalled.since)}`;
  const targets = s.run.batch * (s.run.length || 1);
  return begun && s.rate > 0 && targets > 0 ? `${f.millis(targets / s.rate)} a step` : `${f.sampleWord()}s a second`;
}
