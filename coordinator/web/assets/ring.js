// The ring: lanes as arcs round a circle, in the colours of the workers that
// own them, and the hops between workers.
import { text } from "./dom.js";
import { bytes, integer, plural } from "./format.js";
import { linkText, tripText } from "./links.js";
import { colourOf, lanesOf } from "./workers.js";

const size = 340, middle = size / 2, outer = 124, inner = 90, hop = 136, around = 156;
const most = 48; // lanes that still have room for their number
const named = { whole: 12, short: 36 }; // workers that have room for their names, and for what tells those apart
export const roomy = 12; // workers of a ring; of more there is a grid

function shape(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [k, v] of Object.entries(attributes)) node.setAttribute(k, v);
  node.append(...children);
  return node;
}

// at is the point at a share of the circle, clockwise from the top.
function at(share, radius) {
  const a = 2 * Math.PI * share - Math.PI / 2;
  return [middle + radius * Math.cos(a), middle + radius * Math.sin(a)].map((x) => x.toFixed(2));
}

// band is the outline of a piece of the ring from share a to share b.
function band(a, b) {
  const large = b - a > 0.5 ? 1 : 0;
  return `M${at(a, outer)}A${outer} ${outer} 0 ${large} 1 ${at(b, outer)}L${at(b, inner)}A${inner} ${inner} 0 ${large} 0 ${at(a, inner)}Z`;
}

function laneShapes(lane, lanes, owner) {
  const gap = lanes > 1 ? Math.min(0.004, 0.1 / lanes) : 0.0005;
  const arc = shape("path", { d: band(lane / lanes + gap, (lane + 1) / lanes - gap), class: owner ? owner.w.state : "free", "data-lane": lane });
  if (owner) {
    arc.style[owner.w.state === "lost" ? "stroke" : "fill"] = colourOf(owner.index);
    arc.setAttribute("data-worker", owner.w.name);
  }
  arc.append(shape("title", {}, `lane ${lane}: ${owner ? owner.w.name + (owner.w.state === "lost" ? ", lost" : "") : "no worker"}`));
  if (lanes > most) return [arc];
  const [x, y] = at((lane + 0.5) / lanes, (outer + inner) / 2);
  return [arc, shape("text", { x, y, class: !owner || owner.w.state === "lost" ? "soft" : "lane" }, String(lane))];
}

// hopShapes is an arrow over the border after a worker's last lane: where its
// messages go.
function hopShapes(border, workers, owner) {
  const reach = Math.min(0.028, 0.3 / workers);
  const [x, y] = at(border + reach, hop);
  const turn = 360 * (border + reach);
  const kind = owner.w.queued > 0 ? "hop busy" : "hop";
  const arrow = [shape("path", { class: kind, d: `M${at(border - reach, hop)}A${hop} ${hop} 0 0 1 ${x} ${y}` }),
    shape("path", { class: "head", d: "M7 0L-2-4.5L-2 4.5Z", transform: `translate(${x} ${y}) rotate(${turn})` })];
  arrow[0].append(shape("title", {}, linkText(owner.w)));
  return arrow;
}

// shorten leaves out what the names of all begin and end with.
export function shorten(names) {
  const alike = (name, other, i) => name.at(i) === other.at(i) && !/\d/.test(name.at(i));
  let begin = 0, end = 0;
  while (names.every((name) => begin < name.length - 1 && alike(name, names[0], begin))) begin++;
  while (names.every((name) => begin + end < name.length - 1 && alike(name, names[0], -1 - end))) end++;
  return names.map((name) => name.slice(begin, name.length - end));
}

function nameShape(owner, word, lanes) {
  const share = (owner.w.first_lane + owner.w.end_lane) / 2 / lanes;
  const [x, y] = at(share, around);
  let name = word.length > 14 ? `${word.slice(0, 13)}…` : word;
  if (owner.w.state === "lost") name += " lost";
  const turn = 360 * share;
  const upright = turn > 90 && turn < 270 ? turn + 180 : turn; // never upside down
  return shape("text", { x, y, transform: `rotate(${upright} ${x} ${y})`, class: owner.w.state === "lost" ? "gone" : "" }, name);
}

// drawRing draws anew only when owners changed; that is, hardly ever.
export function drawRing(node, s) {
  const lanes = s.lanes || 0;
  const workers = (s.workers ?? []).map((w, index) => ({ w, index }));
  const owners = workers.filter(({ w }) => w.end_lane > w.first_lane && w.end_lane <= lanes);
  text("ring-sub", `generation ${integer(s.generation)}`);
  const key = JSON.stringify([lanes, owners.map(({ w, index }) => [w.name, w.state, w.first_lane, w.end_lane, index, w.next, w.queued > 0, bytes(w.sent), tripText(w)])]);
  if (key === node.dataset.drawn || lanes === 0) return;
  node.dataset.drawn = key;

  const byLane = new Map(owners.flatMap((o) => lanesOf(o.w).map((l) => [l, o])));
  const svg = shape("svg", { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": describe(lanes, owners) });
  for (let l = 0; l < Math.min(lanes, 1024); l++) svg.append(...laneShapes(l, lanes, byLane.get(l)));
  if (owners.length > 1) for (const owner of owners) svg.append(...hopShapes(owner.w.end_lane / lanes, owners.length, owner));
  const names = owners.map(({ w }) => w.name);
  const words = owners.length <= named.whole ? names : owners.length <= named.short ? shorten(names).map((s) => s.slice(0, 4)) : [];
  words.forEach((word, i) => svg.append(nameShape(owners[i], word, lanes)));
  svg.append(shape("text", { x: middle, y: middle - 12, class: "mid" }, integer(lanes)),
    shape("text", { x: middle, y: middle + 14, class: "soft" }, lanes === 1 ? "lane" : "lanes"),
    shape("text", { x: middle, y: middle + 32, class: "soft" }, `on ${plural(owners.length, "worker")}`));
  node.replaceChildren(svg);
}

function describe(lanes, owners) {
  const each = owners.map(({ w }) => `${w.name}${w.state === "lost" ? ", lost," : ""} has lanes ${w.first_lane} to ${w.end_lane - 1}`);
  return `Ring of ${plural(lanes, "lane")}. ${each.join("; ")}.`;
}
