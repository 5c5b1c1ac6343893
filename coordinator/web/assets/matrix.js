// The matrix of classes: what is by what it was taken for, on a canvas, with one cell that is chosen by mouse or arrow keys.
import { colour } from "./chart.js";
import { setAttribute } from "./dom.js";

const least = 3, most = 44; // pixels of a cell
const font = "12px system-ui, sans-serif";

export const nameOf = (table, c) => table.list.find((k) => k.class === c)?.name || String(c);

export class Matrix {
  // choose is called with a cell, [is, taken], when one is chosen.
  constructor(canvas, choose) {
    Object.assign(this, { canvas, choose, table: null, cell: null });
    canvas.addEventListener("click", (event) => {
      const box = canvas.getBoundingClientRect();
      const at = [event.clientY - box.top - this.top, event.clientX - box.left - this.left].map((v) => Math.floor(v / this.side));
      if (this.table && at.every((v) => v >= 0 && v < this.table.list.length)) choose(at);
    });
    canvas.addEventListener("keydown", (event) => this.key(event));
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(canvas.parentElement);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.redraw = () => setTimeout(() => this.draw()); // behind whoever forgets the old colours
    this.scheme.addEventListener("change", this.redraw);
  }

  remove() {
    this.observer.disconnect();
    this.scheme.removeEventListener("change", this.redraw);
  }

  key(event) {
    const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!move || !this.table) return;
    event.preventDefault();
    const from = this.cell ?? [0, 0], n = this.table.list.length;
    this.choose(from.map((v, k) => Math.min(n - 1, Math.max(0, v + move[k]))));
  }

  // show draws a table, with a cell chosen or null.
  show(table, cell) {
    Object.assign(this, { table, cell });
    this.draw();
  }

  draw() {
    const { canvas, table } = this, room = canvas.parentElement.clientWidth;
    if (!table?.counts || room === 0) return;
    const g = canvas.getContext("2d"), n = table.list.length, names = table.list.map((_, i) => nameOf(table, i));
    g.font = font;
    const words = n <= 40 ? Math.min(90, Math.max(...names.map((name) => g.measureText(name).width))) + 8 : 0;
    this.left = words;
    this.top = words > 40 ? words : words && 20;
    this.side = Math.min(most, Math.max(least, Math.floor((room - words) / n)));
    const [width, height] = [this.left + n * this.side + 1, this.top + n * this.side + 1], scale = devicePixelRatio || 1;
    [canvas.width, canvas.height] = [width * scale, height * scale];
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    g.scale(scale, scale);
    g.font = font;
    for (let is = 0; is < n; is++) for (let taken = 0; taken < n; taken++) this.drawCell(g, is, taken);
    if (words) this.drawNames(g, names);
    if (this.cell) {
      g.strokeStyle = colour("--text");
      g.lineWidth = 2;
      g.strokeRect(this.left + this.cell[1] * this.side, this.top + this.cell[0] * this.side, this.side, this.side);
    }
    const all = table.list.reduce((sum, c) => sum + c.is, 0), right = table.list.reduce((sum, c) => sum + c.right, 0);
    setAttribute(canvas, "aria-label", `matrix of ${n} classes, ${right} of ${all} right; arrow keys choose a cell`);
  }

  drawCell(g, is, taken) {
    const { table, side } = this, count = table.counts[is][taken], share = count / Math.max(1, table.list[is].is);
    const [x, y] = [this.left + taken * side, this.top + is * side];
    const size = side < 8 ? side : side - 1; // a line between cells that have room
    g.fillStyle = colour("--track");
    g.fillRect(x, y, size, size);
    if (count === 0) return;
    g.globalAlpha = is === taken ? 0.15 + 0.85 * share : 0.2 + 0.8 * Math.sqrt(share);
    g.fillStyle = colour(is === taken ? "--accent" : "--bad");
    g.fillRect(x, y, size, size);
    const strong = g.globalAlpha > 0.55;
    g.globalAlpha = 1;
    if (side < 26 || count > 9999) return;
    g.fillStyle = colour(strong ? "--card" : "--text");
    g.textAlign = "center";
    g.textBaseline = "middle";
    g.font = "11px system-ui, sans-serif";
    g.fillText(String(count), x + side / 2, y + side / 2);
    g.font = font;
  }

  drawNames(g, names) {
    g.fillStyle = colour("--soft");
    g.textBaseline = "middle";
    names.forEach((name, i) => {
      if (this.side < 11 && i % Math.ceil(11 / this.side) > 0) return;
      const at = (i + 0.5) * this.side, room = this.left - 8;
      g.textAlign = "right";
      g.fillText(name, this.left - 4, this.top + at, room);
      g.save();
      g.translate(this.left + at, this.top - 4);
      if (this.top > 20) g.rotate(-Math.PI / 2);
      g.textAlign = this.top > 20 ? "left" : "center";
      if (this.top <= 20) g.translate(0, -6);
      g.fillText(name, 0, 0, room);
      g.restore();
    });
  }
}
