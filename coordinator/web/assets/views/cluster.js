// The cluster: the ring, its workers, and who waits for whom.
import { byId } from "../dom.js";
import { drawRing } from "../ring.js";
import { template } from "../views.js";
import { drawWaits } from "../waits.js";
import { drawWorkers } from "../workers.js";

export const title = "Cluster";
export const applies = () => true;

export function mount(el, store) {
  el.append(template("cluster"));
  store.want(0);
}

export function update({ status }) {
  drawRing(byId("ring"), status);
  drawWaits(status);
  drawWorkers(status);
}

export function unmount() {}
