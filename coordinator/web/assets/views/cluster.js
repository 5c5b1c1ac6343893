// The cluster: the ring, its workers, and who waits for whom.
import { isOver } from "../api.js";
import { byId } from "../dom.js";
import { drawGrid } from "../grid.js";
import { drawRing, roomy } from "../ring.js";
import { template } from "../views.js";
import { drawViews, drawWaits } from "../waits.js";
import { Falls } from "../waterfall.js";
import { drawWorkers } from "../workers.js";

export const title = "Cluster";
export const applies = () => true;

let falls = null; // of a run whose steps are measured, or were

export function mount(el, store) {
  el.append(template("cluster"));
  store.want(0);
}

export function update(store) {
  const { status } = store;
  const lives = status.waterfalls === "live" && !isOver(status.phase) && status.phase !== "standby";
  const tells = lives || status.waterfalls === "kept";
  byId("fall-card").hidden = !tells;
  if (falls && (!tells || falls.lives !== lives || falls.run !== store.name)) close();
  if (tells) falls ??= new Falls(store, lives);
  falls?.update();
  const many = (status.workers ?? []).length > roomy;
  byId("ring").hidden = many;
  byId("ring-grid").hidden = !many;
  byId("ring-row").classList.toggle("many", many);
  if (many) drawGrid(byId("ring-grid"), status);
  drawRing(byId("ring"), status);
  drawWaits(status);
  drawViews(status);
  drawWorkers(status);
}

function close() {
  falls?.close();
  falls = null;
}

export const unmount = close;
