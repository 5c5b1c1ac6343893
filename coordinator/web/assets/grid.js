// A ring of many workers as a grid, in the order of the ring: each cell is a
// worker, with its lanes, how far it is, and how long it computes beside the others.
import { keyed, make, setAttribute, setText } from "./dom.js";
import { integer, millis } from "./format.js";
import { linkText } from "./links.js";
import { shorten } from "./ring.js";
import { isHeld } from "./waits.js";
import { colourOf } from "./workers.js";

// drawGrid puts the workers of a ring into a node.
export function drawGrid(node, s) {
  const workers = (s.workers ?? []).map((w, index) => ({ w, index }))
    .sort((a, b) => (a.w.end_lane > a.w.first_lane ? 0 : 1) - (b.w.end_lane > b.w.first_lane ? 0 : 1) || a.w.first_lane - b.w.first_lane);
  const names = shorten(workers.map(({ w }) => w.name));
  const called = (name) => names[workers.findIndex(({ w }) => w.name === name)] ?? name;
  const longest = Math.max(...workers.map(({ w }) => w.compute || 0), 1e-9);
  keyed(node, workers.map((one, i) => ({ ...one, short: names[i] })), ({ w }) => w.name, () => make("li", {}, make("strong"), make("span"), make("i"), make("span")), (li, { w, index, short }) => {
    const [name, lanes, bar, says] = li.children;
    li.style.setProperty("--worker", colourOf(index));
    setAttribute(li, "class", [w.state, isHeld(w) ? "held" : "", w.slow ? "slow" : ""].filter(Boolean).join(" "));
    setAttribute(li, "title", [w.name, w.doing ?? "", linkText(w)].filter(Boolean).join(" · "));
    setText(name, /^\d/.test(short) ? `worker ${short}` : short);
    setText(lanes, w.end_lane > w.first_lane ? `lanes ${w.first_lane}–${w.end_lane - 1}` : "no lanes");
    bar.style.width = `${(100 * (w.compute || 0)) / longest}%`;
    const behind = s.step - w.step;
    setText(says, w.state === "lost" ? "lost" : isHeld(w) ? `waits for ${called(w.waits.on)}` : w.slow ? `${w.slow.toFixed(1)} × as long` : behind > 1 ? `${integer(behind)} steps behind` : millis(w.compute));
  });
}
