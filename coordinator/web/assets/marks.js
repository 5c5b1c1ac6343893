// Marks on a chart for what its lines cannot show. They are drawn on the canvas
// of a uPlot, in its pixels.
import { thinned } from "./happened.js";

// drawBeyond draws a triangle at the upper edge wherever a value lies above the
// axis, and returns the highest of them; null when there is none.
export function drawBeyond(u, colours) {
  const [from, to] = span(u);
  const top = u.scales.y.max, size = 5 * devicePixelRatio;
  let most = null;
  for (let i = 1; i < u.data.length; i++) {
    let last = -Infinity;
    u.ctx.fillStyle = colours[i - 1];
    for (let at = from; at <= to; at++) {
      const y = u.data[i][at];
      if (!(y > top)) continue;
      most = most === null ? y : Math.max(most, y);
      const x = u.valToPos(u.data[0][at], "x", true);
      if (x - last < 2 * size) continue; // one triangle stands for its neighbours
      last = x;
      triangle(u.ctx, x, u.bbox.top, size);
    }
  }
  return most;
}

function triangle(ctx, x, y, size) {
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(x - size, y + 1.6 * size);
  ctx.lineTo(x + size, y + 1.6 * size);
  ctx.closePath();
  ctx.fill();
}

// drawBroken draws an upright line at each x that was not finite, and the word at the
// first, or where there is room.
export function drawBroken(u, xs, colour) {
  const { ctx, bbox } = u, unit = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour;
  ctx.lineWidth = 2 * unit;
  ctx.setLineDash([5 * unit, 3 * unit]);
  ctx.font = `600 ${12 * unit}px system-ui, sans-serif`;
  ctx.textBaseline = "top";
  let said = -Infinity;
  for (const value of xs) {
    if (value < u.scales.x.min || value > u.scales.x.max) continue;
    const x = u.valToPos(value, "x", true);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    if (x - said < 40 * unit) continue;
    said = x;
    const left = x - bbox.left > bbox.width / 2;
    ctx.textAlign = left ? "right" : "left";
    ctx.fillText("NaN", x + (left ? -5 : 5) * unit, bbox.top + 12 * unit);
  }
  ctx.restore();
}

const colours = { evaluation: "--held", checkpoint: "--accent", view: "--soft", warn: "--warn", error: "--bad" };

// drawHappened draws a short line at the lower edge for what happened at a step.
export function drawHappened(u, { happened, axis }, colour) {
  const { ctx, bbox } = u, unit = devicePixelRatio, { min, max } = u.scales.x;
  const inView = happened.filter((m) => axis.to(m.step) >= min && axis.to(m.step) <= max);
  for (const m of thinned(inView, (m) => u.valToPos(axis.to(m.step), "x"))) {
    const size = (m.kind === "error" || m.kind === "warn" ? 12 : 7) * unit;
    ctx.fillStyle = colour(colours[m.kind]);
    ctx.fillRect(Math.round(u.valToPos(axis.to(m.step), "x", true)) - unit, bbox.top + bbox.height - size, 2 * unit, size);
  }
}

// drawAt draws a line at the x that is chosen.
export function drawAt(u, value, colour) {
  if (value < u.scales.x.min || value > u.scales.x.max) return;
  u.ctx.fillStyle = colour;
  u.ctx.fillRect(Math.round(u.valToPos(value, "x", true)), u.bbox.top, devicePixelRatio, u.bbox.height);
}

// span is the range of indices that are in view.
function span(u) {
  const [from, to] = u.series[0].idxs ?? [0, u.data[0].length - 1];
  return [from ?? 0, to ?? -1];
}
