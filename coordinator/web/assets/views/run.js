// The run: its main figures, its charts, and what happened.
import { Charts } from "../charts.js";
import { chosen, Controls } from "../controls.js";
import { byId } from "../dom.js";
import { marks } from "../happened.js";
import { drawLists, throughEvents } from "../lists.js";
import { Outcomes } from "../outcomes.js";
import { drawTiles } from "../tiles.js";
import { template } from "../views.js";

export const title = "Run";
export const applies = () => true;

let charts = null, controls = null, outcomes = null, drawn = "", shown = null;

export function mount(el, store) {
  el.append(template("run"));
  charts = new Charts(store);
  controls = new Controls(byId("controls"), store.route);
  outcomes = new Outcomes(store);
  drawn = "";
  shown = null;
  byId("events-grave").addEventListener("change", (event) => store.route.set({ events: event.target.checked ? "warn" : null }));
  byId("events").addEventListener("click", (event) => {
    const { step } = event.target.closest("li")?.dataset ?? {};
    if (step) store.route.set({ at: step });
  });
  byId("events").addEventListener("keydown", throughEvents);
  store.want(Math.round(Math.min(1200, Math.max(200, el.clientWidth * 0.66))));
}

export function update(store) {
  const { status, route, span } = store;
  const stamp = `${span.stamp} ${span.asked} ${[...route.settings].join("&")} ${status.evaluations?.length}`;
  controls.show(span.data, status.run.epoch_steps > 0);
  const asked = `${route.get("events")}`;
  if (status !== shown?.status || asked !== shown.asked) {
    drawTiles(status);
    drawLists(status, route);
    shown = { status, asked };
  }
  outcomes.update();
  if (stamp === drawn) return;
  charts.draw(span.data, status, chosen(route), marks(status));
  drawn = stamp;
}

export function unmount() {
  charts.remove();
  outcomes.remove();
  charts = controls = outcomes = null;
}
