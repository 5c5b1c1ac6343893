// A reliability diagram: of samples that are about so sure, how many are right. Bars are bins of the largest probability; a
// classifier that is as sure as it is right has them end on the line. Beneath is how many samples each bin has.
import { make, setAttribute, svg } from "./dom.js";
import { integer } from "./format.js";

const left = 44, right = 22, top = 8, bottom = 34, most = 420, strip = 40; // of the picture: room for words, its width, the height of the counts
const percent = (v) => (v === null || !Number.isFinite(v) ? "–" : `${(100 * v).toFixed(1)} %`);

export const errorText = (c) => percent(c.error);

const binText = (b, from, to) => `${percent(from)} to ${percent(to)} sure: ${integer(b.count)} samples, ${percent(b.sure)} in the mean, ${percent(b.right / b.count)} right`;

// drawReliability draws a calibration as wide as its place is.
export function drawReliability(node, c) {
  const width = Math.min(most, Math.max(240, node.clientWidth)), side = width - left - right, n = c.bins.length;
  const x = (v) => left + v * side, y = (v) => top + (1 - v) * side, foot = top + side + 6;
  const picture = svg("svg", { role: "img", "aria-label": `Reliability diagram, expected calibration error ${errorText(c)}. The table below has its bins.` });
  const fullest = Math.max(1, ...c.bins.map((b) => b.count));
  for (const v of [0, 0.25, 0.5, 0.75, 1]) {
    picture.append(svg("line", { x1: x(0), x2: x(1), y1: y(v), y2: y(v), class: "grid" }), svg("text", { x: left - 6, y: y(v) + 4, class: "side" }, `${100 * v} %`),
      svg("text", { x: x(v), y: foot + strip + 16, class: "foot" }, `${100 * v} %`));
  }
  c.bins.forEach((b, i) => {
    if (b.count === 0) return;
    const share = b.right / b.count, words = svg("title", {}, binText(b, i / n, (i + 1) / n));
    const box = (from, to, name) => svg("rect", { x: x(i / n) + 1, width: side / n - 2, y: y(Math.max(from, to)), height: Math.max(0, y(Math.min(from, to)) - y(Math.max(from, to))), class: name });
    const count = (strip * b.count) / fullest;
    picture.append(svg("g", {}, words, box(0, share, "right"), box(share, b.sure, "apart"),
      svg("rect", { x: x(i / n) + 1, width: side / n - 2, y: foot + strip - count, height: Math.max(1, count), class: "count" })));
  });
  picture.append(svg("line", { x1: x(0), y1: y(0), x2: x(1), y2: y(1), class: "even" }));
  setAttribute(picture, "viewBox", `0 0 ${width} ${foot + strip + bottom - 12}`);
  setAttribute(picture, "width", width);
  node.replaceChildren(picture);
}

// reliabilityRows lists the bins that have samples.
export function reliabilityRows(c) {
  const n = c.bins.length;
  return c.bins.map((b, i) => ({ ...b, i })).filter((b) => b.count > 0).map((b) => make("tr", {}, make("th", { scope: "row" }, `${percent(b.i / n)} – ${percent((b.i + 1) / n)}`),
    ...[integer(b.count), percent(b.sure), percent(b.right / b.count)].map((words) => make("td", { class: "num" }, words))));
}
