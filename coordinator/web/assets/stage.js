// Where the points are seen: drawn, turned, moved, zoomed and pointed at.
import * as camera from "./camera.js";
import { Cloud, turned } from "./cloud.js";
import { listen } from "./gestures.js";
import { write } from "./words.js";

const reach = 14; // pixels from a point to the pointer that means it
const moving = 400; // milliseconds from one checkpoint's places to the next one's

// Stage is what a view of points is made of. The view has route, dims, about, pick, near, hits, tints, pictures, setting and label.
export class Stage {
  // beginStage draws on what panel has built, until the view leaves.
  beginStage() {
    listen(this.canvas, this, { signal: this.leave.signal });
    this.cloud = new Cloud(this.canvas, { 0: true, 1: false }[this.route.get("gl")]);
    this.cloud.restored = () => this.paint();
    this.watching = new ResizeObserver(() => this.paint());
    this.watching.observe(this.stage);
    Object.assign(this, { places: null, hover: -1, camera: null });
  }

  fromAddress() {
    return camera.parse(this.setting("cam", ""), this.dims);
  }

  home() {
    this.route.set({ cam: null });
    this.camera = this.fromAddress();
    this.paint();
  }

  keep() {
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => this.route.set({ cam: camera.text(this.camera) }), 300);
  }

  // moveTo puts the points in their places: slowly, where they are those of another step.
  moveTo(places, step) {
    const from = this.places, slowly = from?.length === places.length && this.step !== undefined && this.step !== step && !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.step = step;
    const goal = this.places = places;
    if (!slowly) return this.cloud.setPlaces(places);
    const begin = performance.now(), now = new Float32Array(places.length);
    const frame = (time) => {
      if (this.places !== goal || this.leave.signal.aborted) return;
      const t = Math.max(0, Math.min(1, (time - begin) / moving));
      for (let i = 0; i < now.length; i++) now[i] = from[i] + t * (goal[i] - from[i]);
      this.cloud.setPlaces(t < 1 ? now : goal);
      this.paint();
      if (t < 1) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  // move turns three dimensions, or moves what is seen.
  move(dx, dy, shifted) {
    if (!this.camera) return;
    if (this.dims === 3 && !shifted) camera.turn(this.camera, dx, dy);
    else camera.shift(this.camera, dx, dy, this.stage.clientWidth, this.stage.clientHeight);
    this.keep();
    this.paint();
  }

  zoom(by) {
    if (!this.camera) return;
    camera.zoom(this.camera, by);
    this.keep();
    this.paint();
  }

  // place is the pixel of a point in a box, and how deep it is.
  place(i, { width, height }) {
    const [x, y, z] = this.cloud.project(this.turn, i);
    return [(x + 1) / 2 * width, (1 - y) / 2 * height, z];
  }

  // at is the point under the pointer, or -1.
  at(event) {
    if (!this.places || !this.turn) return -1;
    const box = this.canvas.getBoundingClientRect();
    let best = -1, least = reach * reach, depth = Infinity;
    for (let i = 0; i < this.cloud.count; i++) {
      const [x, y, z] = this.place(i, box);
      const dx = x - event.clientX + box.left, dy = y - event.clientY + box.top;
      const far = dx * dx + dy * dy;
      if (far < least - 1 || (far < least + 1 && z < depth)) [best, least, depth] = [i, far, z];
    }
    return best;
  }

  hoverAt(event) {
    if (this.hovering) return;
    this.hovering = requestAnimationFrame(() => {
      this.hovering = 0;
      const i = this.at(event);
      if (i !== this.hover) {
        this.hover = i;
        this.paint();
      }
    });
  }

  // pickAt picks the point under the pointer, or none.
  pickAt(event) {
    const i = this.at(event);
    this.route.set({ pick: i < 0 ? null : i });
  }

  // paint draws once for all that has changed.
  paint() {
    if (this.painting || !this.places || !this.camera || this.cloud.bigs?.length !== this.cloud.count) return;
    this.painting = requestAnimationFrame(() => {
      this.painting = 0;
      this.turn = turned(this.camera, this.stage.clientWidth, this.stage.clientHeight);
      this.cloud.draw(this.turn, Math.max(2.5, Math.min(8, 240 / Math.sqrt(this.cloud.count))));
      this.write();
      this.stage.dataset.drawn = String(Number(this.stage.dataset.drawn ?? 0) + 1);
    });
  }

  // write puts words beside what is chosen, found or pointed at, over the pictures.
  write() {
    const { over, stage, hover, pick } = this, box = { width: stage.clientWidth, height: stage.clientHeight };
    const marked = [hover, pick, ...this.near, ...this.hits].filter((i) => i >= 0), place = (i) => this.place(i, box);
    const before = (ctx) => {
      if (this.setting("pictures", "") === "1") this.pictures?.draw(ctx, { count: this.cloud.count, marked, flat: this.dims < 3, place, tint: (i) => `rgb(${this.tints[i].slice(0, 3)})` });
    };
    write(over, stage, { marked, ringed: [hover, pick], count: this.cloud.count, place, label: (i) => this.label(i), before });
  }

  releaseStage() {
    this.watching.disconnect();
    clearTimeout(this.keeping);
    this.cloud.release();
  }
}
