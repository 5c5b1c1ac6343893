// Wires the parts: what the coordinator answers goes to each of them.
import { isOver, watch } from "./api.js";
import { Charts } from "./charts.js";
import { byId, text } from "./dom.js";
import { clock, duration } from "./format.js";
import { drawLists } from "./lists.js";
import { drawRing } from "./ring.js";
import { drawSummary } from "./summary.js";
import { drawWorkers } from "./workers.js";

const charts = new Charts();
const ended = {
  finished: "The run has finished, and its coordinator has left.",
  stopped: "The run was stopped, and its coordinator has left.",
  failed: "The run has failed, and its coordinator has left.",
};
let countdown = 0;
let phase = ""; // the last one heard of

function show(status, points) {
  phase = status.phase;
  clearInterval(countdown);
  byId("banner").hidden = true;
  document.body.classList.remove("stale");
  drawSummary(status);
  drawRing(byId("ring"), status);
  drawWorkers(status);
  drawLists(status);
  charts.draw(points, status.evaluations ?? [], status.run?.schedule ?? []);
}

function showFailure(error, since, delay) {
  console.info(`the coordinator does not answer: ${error.message}`);
  // A run that is over takes its coordinator with it; that is no alarm, and what
  // is shown is its end.
  byId("banner").classList.toggle("calm", isOver(phase));
  text("banner-title", ended[phase] ?? "The coordinator does not answer.");
  text("banner-text", since ? isOver(phase) ? `What is below is how it ended, at ${clock(since)}.` : `Last answer at ${clock(since)}; what is below is from then.` : "It has not answered since this page was opened.");
  byId("banner").hidden = false;
  document.body.classList.toggle("stale", !isOver(phase));
  const due = Date.now() + delay;
  const tick = () => {
    const silent = since && !isOver(phase) ? `Silent for ${duration((Date.now() - since) / 1000)}. ` : "";
    text("banner-next", `${silent}${isOver(phase) ? "Looking for another run" : "Trying again"} in ${Math.max(0, Math.ceil((due - Date.now()) / 1000))} s.`);
  };
  clearInterval(countdown);
  countdown = setInterval(tick, 1000);
  tick();
}

byId("banner-retry").addEventListener("click", watch(show, showFailure));
