// Draws tiles of an answer of the view Look inside on a canvas, sharp, with room between them.
import { setAttribute } from "./dom.js";

const gap = 4;

export class TileSheet {
  // hover(tile, y, x) and choose(tile, y, x) are told the pixel of a tile under the pointer; hover(-1) when there is none.
  constructor(canvas, { hover = () => {}, choose = () => {} } = {}) {
    Object.assign(this, { canvas, sheet: null, facts: null, marks: [] });
    canvas.addEventListener("pointermove", (event) => hover(...this.at(event)));
    canvas.addEventListener("pointerleave", () => hover(-1, 0, 0));
    canvas.addEventListener("click", (event) => {
      const [tile, y, x] = this.at(event);
      if (tile >= 0) choose(tile, y, x);
    });
  }

  // show draws tiles of about so many pixels, of those that pick names.
  show({ sheet, facts }, side, { pick = null, columns = 0, wide = 0 } = {}) {
    Object.assign(this, { sheet, facts, list: pick ?? Array.from({ length: facts.tiles }, (_, i) => i) });
    this.scale = Math.max(side / Math.max(facts.height, facts.width), 1 / 8);
    if (facts.width * this.scale > (wide || Infinity)) this.scale = wide / facts.width;
    this.w = Math.max(1, Math.round(facts.width * this.scale));
    this.h = Math.max(1, Math.round(facts.height * this.scale));
    const fit = wide ? Math.max(1, Math.floor((wide + gap) / (this.w + gap))) : this.list.length;
    this.columns = Math.max(1, Math.min(this.list.length, columns || fit, wide ? fit : Infinity));
    this.paint();
  }

  mark(marks) {
    this.marks = marks;
    if (this.sheet) this.paint();
  }

  // paint draws all, and frames: {tile, y, x, rows, cols} in pixels of a tile.
  paint() {
    const { canvas, facts, w, h, columns, list } = this, ratio = Math.min(2, devicePixelRatio || 1);
    const rows = Math.ceil(list.length / columns);
    const [width, height] = [columns * (w + gap) - gap, rows * (h + gap) - gap];
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const brush = canvas.getContext("2d");
    brush.scale(ratio, ratio);
    brush.imageSmoothingEnabled = false;
    list.forEach((tile, i) => {
      const [left, top] = this.corner(i);
      brush.drawImage(this.sheet, tile % facts.columns * facts.width, Math.floor(tile / facts.columns) * facts.height, facts.width, facts.height, left, top, w, h);
    });
    const style = getComputedStyle(canvas);
    for (const m of this.marks) {
      const i = list.indexOf(m.tile);
      if (i < 0) continue;
      const [left, top] = this.corner(i), sx = w / facts.width, sy = h / facts.height;
      const box = [left + m.x * sx, top + m.y * sy, Math.max(3, m.cols * sx), Math.max(3, m.rows * sy)];
      brush.lineWidth = 4;
      brush.strokeStyle = style.getPropertyValue("--card");
      brush.strokeRect(...box);
      brush.lineWidth = 2;
      brush.strokeStyle = style.getPropertyValue("--held");
      brush.strokeRect(...box);
    }
    setAttribute(canvas, "data-tiles", String(list.length));
  }

  corner(i) {
    return [i % this.columns * (this.w + gap), Math.floor(i / this.columns) * (this.h + gap)];
  }

  // at is the tile under the pointer, and the pixel of it.
  at(event) {
    if (!this.sheet) return [-1, 0, 0];
    const box = this.canvas.getBoundingClientRect(), { facts, w, h } = this;
    const [px, py] = [(event.clientX - box.left) * this.canvas.offsetWidth / box.width, (event.clientY - box.top) * this.canvas.offsetHeight / box.height];
    const [column, row] = [Math.floor(px / (w + gap)), Math.floor(py / (h + gap))];
    const [x, y] = [Math.floor((px - column * (w + gap)) * facts.width / w), Math.floor((py - row * (h + gap)) * facts.height / h)];
    const i = row * this.columns + column;
    if (column < 0 || column >= this.columns || i < 0 || i >= this.list.length || x < 0 || y < 0 || x >= facts.width || y >= facts.height) return [-1, 0, 0];
    return [this.list[i], y, x];
  }
}
