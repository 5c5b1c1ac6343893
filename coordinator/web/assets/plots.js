// Small pictures of numbers over steps, as SVG. What is not known leaves a gap.
import { svg } from "./dom.js";

const width = 420, height = 120, left = 54, bottom = 18, top = 6;

const known = (list) => list.filter((v) => v !== null && Number.isFinite(v));
const short = (v) => (v !== 0 && (Math.abs(v) < 0.01 || Math.abs(v) >= 1e4) ? v.toExponential(0) : String(Number(v.toPrecision(3)))).replaceAll("-", "−").replace("+", "");

// scales maps x and y to the picture.
function scales(x, values) {
  let [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) [low, high] = [low - Math.abs(low || 1) / 10, high + Math.abs(high || 1) / 10];
  const first = x[0], span = (x.at(-1) - first) || 1;
  return {
    low, high, first, last: x.at(-1),
    x: (v) => left + ((v - first) / span) * (width - left - 6),
    y: (v) => top + ((high - v) / (high - low)) * (height - top - bottom),
  };
}

// path draws a line through what is known.
function path(s, x, y) {
  let d = "", pen = "M";
  for (let i = 0; i < x.length; i++) {
    if (y[i] === null || !Number.isFinite(y[i])) {
      pen = "M";
      continue;
    }
    d += `${pen}${s.x(x[i]).toFixed(1)},${s.y(y[i]).toFixed(1)}`;
    pen = "L";
  }
  return d;
}

// band fills between two lines.
function band(s, x, low, high) {
  const at = x.map((_, i) => i).filter((i) => low[i] !== null && high[i] !== null);
  if (at.length === 0) return "";
  const point = (i, y) => `${s.x(x[i]).toFixed(1)},${s.y(y[i]).toFixed(1)}`;
  return `M${at.map((i) => point(i, high)).join("L")}L${at.reverse().map((i) => point(i, low)).join("L")}Z`;
}

// plot is a figure of {title, x, line, bands: [[low, high], …], usual: [low, high], unit}; null where nothing is known.
export function plot({ title, x, line, bands = [], usual = null, unit = "step" }) {
  const values = known([...line, ...bands.flat(2), ...(usual ?? [])]);
  if (x.length === 0 || known(line).length === 0) return null;
  const s = scales(x, values);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${title}: ${short(known(line).at(-1))} at ${unit} ${s.last}` });
  if (usual) {
    picture.append(svg("rect", { class: "usual", x: left, width: width - left - 6, y: s.y(usual[1]), height: s.y(usual[0]) - s.y(usual[1]) }));
  }
  for (const [low, high] of bands) picture.append(svg("path", { class: "band", d: band(s, x, low, high) }));
  picture.append(svg("path", { class: "line", d: path(s, x, line) }));
  if (known(line).length === 1) { // one point is no line
    const i = line.findIndex((v) => v !== null);
    picture.append(svg("circle", { class: "dot", cx: s.x(x[i]), cy: s.y(line[i]), r: 2.5 }));
  }
  for (const v of [s.high, s.low]) picture.append(svg("text", { class: "y", x: left - 5, y: s.y(v) + (v === s.low ? 0 : 8) }, short(v)));
  picture.append(svg("text", { class: "x", x: left, y: height - 4 }, `${unit} ${s.first}`.replaceAll("-", "−")));
  picture.append(svg("text", { class: "x end", x: width - 6, y: height - 4 }, String(s.last).replaceAll("-", "−")));
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  caption.textContent = title;
  figure.append(caption, picture);
  return figure;
}
