// The run: its main figures, its charts, and what happened.
import { Charts } from "../charts.js";
import { drawLists } from "../lists.js";
import { drawTiles } from "../tiles.js";
import { template } from "../views.js";

export const title = "Run";
export const applies = () => true;

let charts = null;

export function mount(el) {
  el.append(template("run"));
  charts = new Charts();
}

export function update({ status, points }) {
  drawTiles(status);
  drawLists(status);
  charts.draw(points, status.evaluations ?? [], status.run?.schedule ?? []);
}

export function unmount() {
  charts.remove();
  charts = null;
}
