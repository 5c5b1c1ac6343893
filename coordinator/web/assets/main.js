// Wires the parts: what the coordinator answers goes to each of them.
import { isOver, Store, watch } from "./api.js";
import { byId, text } from "./dom.js";
import { clock, duration, moment } from "./format.js";
import { drawHead, drawUpdated } from "./head.js";
import { kept } from "./kept.js";
import { Rail } from "./rail.js";
import { Route } from "./route.js";
import { Shell } from "./shell.js";

const store = new Store(new Route());
const shell = new Shell(store);
const rail = store.rail = new Rail(byId("rail"), store);
const ended = {
  finished: "The run has finished, and its coordinator has left.",
  stopped: "The run was stopped, and its coordinator has left.",
  failed: "The run has failed, and its coordinator has left.",
};
let countdown = 0;
const mute = "no answer · "; // a tab that nobody looks at says so by its title
let phase = ""; // the last one heard of

function show() {
  phase = store.status.phase;
  clearInterval(countdown);
  byId("banner").hidden = true;
  document.body.classList.remove("stale");
  try {
    drawHead(store.status);
    drawUpdated(store.answered);
    rail.update();
    shell.update();
  } catch (error) { // which is no silence of the coordinator
    showBroken(error);
  }
}

// showBroken says that the page itself is at fault.
function showBroken(error) {
  reportError(error);
  byId("banner").classList.remove("calm");
  text("banner-title", "This page cannot draw what the coordinator tells.");
  text("banner-text", `${error.message}. The run is not touched by that.`);
  text("banner-next", "");
  byId("banner").hidden = false;
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
  if (!isOver(phase) && !document.title.startsWith(mute)) document.title = mute + document.title;
  const due = Date.now() + delay;
  const tick = () => {
    const silent = since && !isOver(phase) ? `Silent for ${duration((Date.now() - since) / 1000)}. ` : "";
    text("banner-next", `${silent}${isOver(phase) ? "Looking for another run" : "Trying again"} in ${Math.max(0, Math.ceil((due - Date.now()) / 1000))} s.`);
  };
  clearInterval(countdown);
  countdown = setInterval(tick, 1000);
  tick();
}

byId("banner-retry").addEventListener("click", watch(store, show, showFailure));
if (kept) text("updated", `report of ${moment(kept.made)}`);
else setInterval(() => { if (!document.hidden) drawUpdated(store.answered); }, 500);
