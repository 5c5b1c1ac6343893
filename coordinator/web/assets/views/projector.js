// Points of many dimensions, laid out in two or three: embeddings, output weights, features.
import { Cloud, spread, turned } from "../cloud.js";
import { byId, keyed, make, setText } from "../dom.js";
import { methods, panel } from "../panel.js";
import { colouring } from "../tints.js";

export const title = "Projector";
export const applies = (status) => Boolean(status?.projector);

const mostHits = 200; // that are listed and marked
const mostWords = 80; // that are written on the picture
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
    this.listen();
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
    const all = this.setting("cam", "").split(",").map(Number);
    if (all.length === 5 && all.every(Number.isFinite)) return { yaw: all[0], pitch: all[1], zoom: all[2], x: all[3], y: all[4] };
    return this.dims === 3 ? { yaw: 0.5, pitch: 0.35, zoom: 1, x: 0, y: 0 } : { yaw: 0, pitch: 0, zoom: 1, x: 0, y: 0 };
  }

  home() {
    this.route.set({ cam: null });
    this.camera = this.kept();
    this.paint();
  }

  keep() {
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => this.route.set({ cam: Object.values(this.camera).map((v) => v.toFixed(3)).join(",") }), 300);
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

  listen() {
    const { canvas } = this, options = { signal: this.stop.signal };
    let drag = null;
    canvas.addEventListener("pointerdown", (event) => {
      drag = { x: event.clientX, y: event.clientY, far: 0 };
      canvas.setPointerCapture(event.pointerId);
    }, options);
    canvas.addEventListener("pointermove", (event) => {
      if (!drag) return this.hoverAt(event);
      const dx = event.clientX - drag.x, dy = event.clientY - drag.y;
      drag = { x: event.clientX, y: event.clientY, far: drag.far + Math.abs(dx) + Math.abs(dy) };
      this.move(dx, dy, event.shiftKey);
    }, options);
    canvas.addEventListener("pointerup", (event) => {
      if (drag && drag.far < 5) {
        const i = this.at(event);
        this.route.set({ pick: i < 0 ? null : i });
      }
      drag = null;
    }, options);
    canvas.addEventListener("pointercancel", () => { drag = null; }, options);
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 500));
    }, { ...options, passive: false });
    canvas.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-20, 0], ArrowRight: [20, 0], ArrowUp: [0, -20], ArrowDown: [0, 20] }[event.key];
      if (way) this.move(...way, event.shiftKey);
      else if (event.key === "+" || event.key === "=") this.zoom(1.25);
      else if (event.key === "-") this.zoom(0.8);
      else if (event.key === "0") this.home();
      else return;
      event.preventDefault();
    }, options);
  }

  // move turns three dimensions, or moves what is seen.
  move(dx, dy, shift) {
    const c = this.camera;
    if (!c) return;
    if (this.dims === 3 && !shift) {
      c.yaw += dx / 150;
      c.pitch = Math.max(-1.57, Math.min(1.57, c.pitch - dy / 150));
    } else {
      const unit = 0.45 * c.zoom * Math.min(this.stage.clientWidth, this.stage.clientHeight);
      c.x += dx / unit;
      c.y -= dy / unit;
    }
    this.keep();
    this.paint();
  }

  zoom(by) {
    if (!this.camera) return;
    this.camera.zoom = Math.max(0.2, Math.min(500, this.camera.zoom * by));
    this.keep();
    this.paint();
  }

  // at is the point under the pointer, or -1.
  at(event) {
    if (!this.places || !this.turn) return -1;
    const box = this.canvas.getBoundingClientRect();
    let best = -1, least = reach * reach, depth = Infinity;
    for (let i = 0; i < this.cloud.count; i++) {
      const [x, y, z] = this.cloud.project(this.turn, i);
      const dx = (x + 1) / 2 * box.width - event.clientX + box.left, dy = (1 - y) / 2 * box.height - event.clientY + box.top;
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

  // write puts words beside the points that are marked, or beside all where there are few.
  write() {
    const { over, stage } = this, unit = devicePixelRatio, style = getComputedStyle(this.el), ctx = over.getContext("2d");
    [over.width, over.height] = [stage.clientWidth * unit, stage.clientHeight * unit];
    ctx.scale(unit, unit);
    ctx.font = "12px system-ui, sans-serif";
    ctx.lineJoin = "round";
    ctx.lineWidth = 3;
    const first = [this.hover, this.pick, ...this.near, ...this.hits].filter((i) => i >= 0);
    const all = new Set(first.length > 1 || this.about.points > mostWords ? first : [...first, ...Array(this.about.points).keys()]);
    let left = mostWords;
    for (const i of all) {
      if (left-- === 0) break;
      const [px, py] = this.cloud.project(this.turn, i);
      const x = (px + 1) / 2 * stage.clientWidth, y = (1 - py) / 2 * stage.clientHeight;
      if (i === this.pick || i === this.hover) {
        ctx.strokeStyle = style.getPropertyValue("--text");
        ctx.lineWidth = 2;
        ctx.beginPath();
        ctx.arc(x, y, 8, 0, 7);
        ctx.stroke();
        ctx.lineWidth = 3;
      }
      ctx.strokeStyle = style.getPropertyValue("--card");
      ctx.strokeText(this.label(i), x + 8, y - 4);
      ctx.fillStyle = style.getPropertyValue("--text");
      ctx.fillText(this.label(i), x + 8, y - 4);
    }
  }

  release() {
    this.stop.abort();
    this.watching.disconnect();
    clearTimeout(this.keeping);
    this.cloud.release();
  }
}
