// Points of many dimensions, laid out in two or three: embeddings, output weights, features.
import * as camera from "../camera.js";
import { Cloud, spread, turned } from "../cloud.js";
import { byId, keyed, make, setText } from "../dom.js";
import { listen } from "../gestures.js";
import { methods, panel } from "../panel.js";
import { colouring } from "../tints.js";
import { write } from "../words.js";

export const title = "Projector";
export const applies = (status) => Boolean(status?.projector);

const mostHits = 200; // that are listed and marked
const reach = 14; // pixels from a point to the pointer that means it

let view = null;

export function mount(el, store) {
  view = new Projector(el, store);
}

export function update() {
  view.follow();
}

export function unmount() {
  view.release();
  view = null;
}

class Projector {
  constructor(el, store) {
    Object.assign(this, { el, route: store.route, stop: new AbortController(), about: null, places: null, pick: -1, near: [], hits: [], hover: -1, asked: "", camera: null });
    Object.assign(this, panel(el, this.route, () => this.home()));
    listen(this.canvas, this, { signal: this.stop.signal });
    this.cloud = new Cloud(this.canvas, { 0: true, 1: false }[this.route.get("gl")]);
    this.cloud.restored = () => this.paint();
    this.watching = new ResizeObserver(() => this.paint());
    this.watching.observe(this.stage);
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.dark.addEventListener("change", () => this.colour(), { signal: this.stop.signal });
    this.begin();
  }

  // begin asks what there is, then follows the address.
  async begin() {
    try {
      this.about = await (await this.ask("api/projector")).json();
    } catch (error) {
      return this.say(error.message);
    }
    const { about } = this;
    if (byId("points-name")) setText(byId("points-name"), about.name);
    byId("points-colour").append(make("option", { value: "" }, "nothing"), ...about.columns.map((c) => make("option", { value: c }, c)));
    this.labels = about.values[0] ?? [];
    this.small = this.labels.map((l) => l.toLowerCase());
    this.follow();
  }

  setting(name, otherwise) {
    return this.route.get(name) ?? otherwise;
  }

  // follow makes everything as the address says.
  follow() {
    const { about } = this;
    if (!about) return;
    this.method = this.setting("method", about.defaults.method);
    this.dims = Number(this.setting("dims", about.defaults.dims)) === 3 ? 3 : 2;
    this.sphere = this.setting("sphere", about.defaults.sphereize ? "1" : "0") === "1";
    this.metric = this.setting("metric", "cosine");
    for (const [name, value] of [["method", this.method], ["dims", this.dims], ["metric", this.metric]]) {
      for (const input of this.el.querySelectorAll(`input[name=points-${name}]`)) input.checked = input.value === String(value);
    }
    byId("points-sphere").checked = this.sphere;
    for (const name of ["q", "xfrom", "xto", "yfrom", "yto"]) {
      const input = byId(`points-${name}`);
      if (document.activeElement !== input) input.value = this.setting(name, "");
    }
    this.camera ??= this.kept();
    this.search();
    this.colour();
    this.lay();
    this.choose(Number(this.setting("pick", -1)));
  }

  kept() {
    return camera.parse(this.setting("cam", ""), this.dims);
  }

  home() {
    this.route.set({ cam: null });
    this.camera = this.kept();
    this.paint();
  }

  keep() {
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => this.route.set({ cam: camera.text(this.camera) }), 300);
  }

  async ask(path) {
    const answer = await fetch(path, { signal: this.stop.signal });
    if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? `${path}: ${answer.status}`);
    return answer;
  }

  // lay fetches the layout that the address names, if it is another one, and waits for it while it is computed.
  async lay() {
    const own = ["xfrom", "xto", "yfrom", "yto"].map((name) => this.setting(name, ""));
    const wanted = JSON.stringify([this.method, this.dims, this.sphere, own]);
    if (wanted === this.asked) return;
    const dims = this.asked ? JSON.parse(this.asked)[1] : this.dims;
    this.asked = wanted;
    if (dims !== this.dims) this.home();
    try {
      let answer, wait = 100;
      for (;;) {
        answer = await this.ask(`api/projector/points?method=${encodeURIComponent(this.method)}&dims=${this.dims}&sphere=${this.sphere ? 1 : 0}`);
        if (this.asked !== wanted) return;
        if (answer.status !== 202) break;
        const { done, all } = await answer.json();
        this.say(all ? `${methods[this.method]}: ${Math.floor(100 * done / all)} %` : `${methods[this.method]} begins`);
        await new Promise((ok) => setTimeout(ok, wait));
        wait = Math.min(1000, wait * 1.5);
      }
      const figures = JSON.parse(answer.headers.get("Rondo-Layout"));
      const points = new Float32Array(await answer.arrayBuffer());
      await this.axes(points, own);
      if (this.asked !== wanted) return;
      this.places = spread(points, this.dims);
      this.cloud.setPlaces(this.places);
      this.tell(figures);
    } catch (error) {
      if (error.name !== "AbortError") this.say(error.message);
      return;
    }
    this.colour();
  }

  // axes puts the way between words in the place of a coordinate.
  async axes(points, [xfrom, xto, yfrom, yto]) {
    const said = [];
    for (const [at, from, to] of [[0, xfrom, xto], [1, yfrom, yto]]) {
      if (!from || !to) continue;
      const [a, b] = [this.having(from), this.having(to)];
      if (!a.length || !b.length) {
        said.push(`no label has “${a.length ? to : from}”`);
        continue;
      }
      const along = new Float32Array(await (await this.ask(`api/projector/axis?from=${a}&to=${b}`)).arrayBuffer());
      for (let i = 0; i < along.length; i++) points[i * this.dims + at] = along[i];
      said.push(`${at ? "y" : "x"} from ${from} (${a.length}) to ${to} (${b.length})`);
    }
    setText(byId("points-axes"), said.join("; ") || "Parts of labels; the mean of all that have them.");
  }

  tell(f) {
    const figures = [];
    if (f.shares) figures.push(`${(100 * f.shares.reduce((a, b) => a + b, 0)).toFixed(1)} % of the variance`);
    if (f.trustworthiness) figures.push(`trustworthiness ${f.trustworthiness.toFixed(3)}`);
    if (f.preservation) figures.push(`${(100 * f.preservation).toFixed(0)} % of true neighbours preserved`);
    setText(byId("points-figures"), figures.join(", "));
    this.say(`${this.about.points} points of ${this.about.dims} numbers · ${methods[this.method]} · ${this.cloud.kind}`);
    this.canvas.setAttribute("aria-label", `${this.about.points} points of ${this.about.name} by ${methods[this.method]} in ${this.dims} dimensions. Arrows turn or move, plus and minus zoom, 0 goes back.`);
  }

  say(text) {
    setText(byId("points-said"), text);
  }

  // having is the points whose label is the text, or else has it.
  having(text) {
    const wanted = text.toLowerCase(), all = [];
    this.small.forEach((l, i) => { if (l === wanted) all.push(i); });
    if (!all.length) this.small.forEach((l, i) => { if (l.includes(wanted)) all.push(i); });
    return all.slice(0, 1000);
  }

  search() {
    const q = this.setting("q", "").toLowerCase();
    const all = [];
    if (q) this.small.forEach((l, i) => { if (l.includes(q)) all.push(i); });
    this.hits = all.slice(0, mostHits);
    setText(byId("points-found"), q ? `${all.length} found${all.length > mostHits ? `; ${mostHits} shown` : ""}` : "");
    this.list("points-hits", this.hits.map((i) => [i, ""]));
  }

  list(id, items) {
    keyed(byId(id), items, ([i]) => i, ([i]) => {
      const button = make("button", { type: "button" }, make("span"), make("span", { class: "sub" }));
      button.addEventListener("click", () => this.route.set({ pick: i }));
      return make("li", {}, button);
    }, (li, [i, words]) => {
      setText(li.firstChild.firstChild, this.label(i));
      setText(li.firstChild.lastChild, words);
    });
  }

  label(i) {
    return this.labels[i] ?? `point ${i}`;
  }

  colour() {
    const { about } = this;
    if (!about) return;
    const usual = about.columns.find((c, at) => c !== "number" && new Set(about.values[at]).size <= 20) ?? "";
    const by = this.setting("colour", usual), at = about.columns.indexOf(by);
    byId("points-colour").value = at < 0 ? "" : by;
    const { tints, keys } = colouring(at < 0 ? null : about.values[at], about.points, getComputedStyle(this.el));
    const marked = this.marked();
    const colours = new Uint8Array(4 * about.points), bigs = new Float32Array(about.points);
    for (let i = 0; i < about.points; i++) {
      const on = marked.has(i);
      colours.set(tints[i], 4 * i);
      colours[4 * i + 3] = marked.size && !on ? 120 : 230;
      bigs[i] = on ? 1.8 : 1;
    }
    this.cloud.setColours(colours, bigs);
    keyed(byId("points-keys"), keys, ([name]) => name, ([name]) => make("label", {}, make("i"), make("b", {}, name)), (node, [, colour]) => { node.firstChild.style.background = colour; });
    this.paint();
  }

  marked() {
    return new Set([...this.hits, ...this.near, ...(this.pick >= 0 ? [this.pick] : [])]);
  }

  // choose picks a point and asks for its true neighbours.
  async choose(i) {
    const pick = Number.isInteger(i) && i >= 0 && i < this.about.points ? i : -1;
    const wanted = `${pick} ${this.metric}`;
    if (wanted === this.chosen) return;
    this.chosen = wanted;
    this.pick = pick;
    this.near = [];
    let items = [];
    setText(byId("points-picked"), pick < 0 ? "Click a point." : this.about.columns.map((c, at) => `${c}: ${this.about.values[at][pick]}`).join(" · ") || this.label(pick));
    if (pick >= 0) {
      try {
        const { index, distance } = await (await this.ask(`api/projector/near?point=${pick}&k=20&metric=${encodeURIComponent(this.metric)}`)).json();
        if (this.chosen !== wanted) return;
        this.near = index;
        items = index.map((j, at) => [j, distance[at].toPrecision(3)]);
      } catch (error) {
        if (error.name !== "AbortError") this.say(error.message);
        return;
      }
    }
    this.list("points-near", items);
    this.colour();
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
    if (this.painting || !this.places || !this.camera || !this.cloud.bigs) return;
    this.painting = requestAnimationFrame(() => {
      this.painting = 0;
      this.turn = turned(this.camera, this.stage.clientWidth, this.stage.clientHeight);
      this.cloud.draw(this.turn, Math.max(2.5, Math.min(8, 240 / Math.sqrt(this.cloud.count))));
      this.write();
      this.stage.dataset.drawn = String(Number(this.stage.dataset.drawn ?? 0) + 1);
    });
  }

  // write puts words beside what is chosen, found or pointed at.
  write() {
    const { over, stage, hover, pick } = this, box = { width: stage.clientWidth, height: stage.clientHeight };
    write(over, stage, { marked: [hover, pick, ...this.near, ...this.hits].filter((i) => i >= 0), ringed: [hover, pick],
      count: this.about.points, place: (i) => this.place(i, box), label: (i) => this.label(i) });
  }

  release() {
    this.stop.abort();
    this.watching.disconnect();
    clearTimeout(this.keeping);
    this.cloud.release();
  }
}
