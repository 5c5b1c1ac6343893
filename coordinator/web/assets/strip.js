// Draws an answer of the view Look inside that runs over time: a picture of a row for each channel and a column for some steps,
// as wide as its place, so that pictures of one sample lie below one another.
import { setAttribute, svg } from "./dom.js";

const least = 44, most = 300; // pixels of its height

export class Strip {
  // hover(share, channel) and choose(share, channel) are told how far along the pointer is, from 0 to 1, and which channel is
  // under it; hover(-1) when there is none.
  constructor(canvas, { hover = () => {}, choose = null } = {}) {
    Object.assign(this, { canvas, sheet: null, facts: null, cursor: -1, chosen: -1 });
    canvas.addEventListener("pointermove", (event) => hover(...this.at(event)));
    canvas.addEventListener("pointerleave", () => hover(-1, -1));
    if (choose) canvas.addEventListener("click", (event) => choose(...this.at(event)));
  }

  show({ sheet, facts }) {
    Object.assign(this, { sheet, facts });
    this.paint();
  }

  // mark draws a line at a place in time, and a frame around a channel; -1: none.
  mark(cursor, chosen = this.chosen) {
    if (cursor === this.cursor && chosen === this.chosen) return;
    Object.assign(this, { cursor, chosen });
    this.paint();
  }

  // row is the row of pixels of a channel.
  row(channel) {
    return this.facts.up ? this.facts.height - 1 - channel : channel;
  }

  paint() {
    const { canvas, sheet, facts } = this;
    if (!sheet) return;
    const ratio = Math.min(2, devicePixelRatio || 1), w = Math.max(100, canvas.parentElement.clientWidth);
    const each = Math.max(1, Math.floor(Math.min(12, 220 / facts.height))), h = Math.max(least, Math.min(most, each * facts.height));
    canvas.width = w * ratio;
    canvas.height = h * ratio;
    canvas.style.width = `${w}px`;
    canvas.style.height = `${h}px`;
    const brush = canvas.getContext("2d");
    brush.scale(ratio, ratio);
    brush.imageSmoothingEnabled = false;
    brush.drawImage(sheet, 0, 0, facts.width, facts.height, 0, 0, w, h);
    const style = getComputedStyle(canvas), one = h / facts.height;
    const line = (draw) => {
      for (const [width, colour] of [[4, "--card"], [2, "--held"]]) {
        brush.lineWidth = width;
        brush.strokeStyle = style.getPropertyValue(colour);
        draw();
      }
    };
    if (this.chosen >= 0 && this.chosen < facts.height) line(() => brush.strokeRect(1, this.row(this.chosen) * one, w - 2, Math.max(3, one)));
    if (this.cursor >= 0) {
      line(() => {
        brush.beginPath();
        brush.moveTo(this.cursor * w, 0);
        brush.lineTo(this.cursor * w, h);
        brush.stroke();
      });
    }
    setAttribute(canvas, "data-columns", String(facts.width));
    setAttribute(canvas, "data-rows", String(facts.height));
  }

  at(event) {
    if (!this.sheet) return [-1, -1];
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    if (x < 0 || x >= 1 || y < 0 || y >= 1) return [-1, -1];
    return [x, this.row(Math.floor(y * this.facts.height))];
  }
}

// drawLines draws numbers over time, each list a line over the whole width, or the least and the greatest of a sound.
export function drawLines(node, { lines = null, wave = null, label }) {
  const w = Math.max(100, node.clientWidth), h = 84, all = (lines ?? wave).flat();
  const low = Math.min(...all), high = Math.max(...all), span = high - low || 1;
  const x = (i, n) => ((i + 0.5) / n) * w, y = (v) => 3 + (1 - (v - low) / span) * (h - 6);
  const picture = svg("svg", { role: "img", "aria-label": label, viewBox: `0 0 ${w} ${h}`, width: w, height: h });
  if (low < 0 && high > 0) picture.append(svg("line", { x1: 0, x2: w, y1: y(0), y2: y(0), class: "zero" }));
  if (wave) {
    const n = wave.length, top = wave.map(([, b], i) => `${x(i, n).toFixed(1)},${y(b).toFixed(1)}`), foot = wave.map(([a], i) => `${x(i, n).toFixed(1)},${y(a).toFixed(1)}`);
    picture.append(svg("polygon", { points: [...top, ...foot.reverse()].join(" "), class: "wave" }));
  }
  for (const [k, values] of (lines ?? []).entries()) {
    const points = values.map((v, i) => `${x(i, values.length).toFixed(1)},${y(v).toFixed(1)}`);
    picture.append(svg("polyline", { points: values.length > 1 ? points.join(" ") : `0,${y(values[0])} ${w},${y(values[0])}`, class: `line w${k % 8}` }));
  }
  node.replaceChildren(picture);
}
