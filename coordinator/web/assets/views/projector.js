// Points of many dimensions, laid out in two or three: embeddings, output weights, features.
import { spread } from "../cloud.js";
import { byId, keyed, make, setText } from "../dom.js";
import { options, panel, steps } from "../panel.js";
import { Pictures } from "../pictures.js";
import { Questions } from "../pointask.js";
import { methods } from "../pointfiles.js";
import { readBookmarks } from "../pointkept.js";
import { Stage } from "../stage.js";
import { colouring } from "../tints.js";

export const title = "Projector";
export const applies = (status) => Boolean(status?.projector);

const mostHits = 200; // that are listed and marked

let view = null;

export function mount(el, store) {
  view = new Projector(el, store);
}

export function update(store) {
  view.follow(store?.status?.checkpoints?.at(-1)?.step);
}

export function unmount() {
  view.release();
  view = null;
}

class Projector extends Stage {
  constructor(el, store) {
    super();
    Object.assign(this, { el, route: store.route, leave: new AbortController(), about: null, pick: -1, near: [], hits: [], asked: "", kept: [] });
    Object.assign(this, panel(el, this.route, this));
    this.beginStage();
    this.questions = new Questions(this.leave.signal, (words) => this.say(words), (busy) => this.showStop(busy ? "Stop" : ""));
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.dark.addEventListener("change", () => this.colour(), { signal: this.leave.signal });
    this.newest = store.status?.checkpoints?.at(-1)?.step;
    this.follow(this.newest);
  }

  setting(name, otherwise) {
    return this.route.get(name) ?? otherwise;
  }

  // which is the question that names the points of the address.
  which(step = this.setting("set-step", "")) {
    const q = new URLSearchParams();
    for (const [name, value] of [["run", this.setting("run", "")], ["of", this.setting("set", "")], ["step", step]]) if (value) q.set(name, value);
    return String(q);
  }

  // follow makes everything as the address says; an answer about the run changes no points, but there may be a new checkpoint.
  follow(newest = this.newest) {
    const now = [...this.route.settings].join("&");
    if (now !== this.followed) {
      this.followed = now;
      if (this.which() !== this.read) this.begin();
      else this.show();
    }
    if (newest !== this.newest && this.about) {
      this.newest = newest;
      this.listSteps();
    }
  }

  // begin asks what the points of the address are.
  async begin() {
    const read = this.read = this.which();
    this.questions.halt();
    this.asked = this.ready = "";
    try {
      const answer = await this.questions.wait(`api/projector?${read}`, "the points", () => this.read === read);
      if (answer) await this.take(await answer.json(), read);
    } catch (error) {
      this.fail(error);
    }
  }

  // take has the points that an answer tells of in the place of those before.
  async take(about, read) {
    if (about.points !== this.about?.points) Object.assign(this, { places: null, hover: -1 });
    Object.assign(this, { about, kept: [], near: [], chosen: "" });
    if (byId("points-name")) setText(byId("points-name"), about.name);
    this.know(about);
    this.pictures = about.sprite ? new Pictures(about.sprite, `api/projector/sprite?${read}`, () => { this.chosen = ""; this.show(); }) : null;
    if (about.bookmarks) await readBookmarks(this, read);
    if (this.read !== read) return;
    this.ready = `ready ${read}`;
    this.show();
  }

  fail(error) {
    if (error.name === "AbortError") return;
    this.say(error.message);
    this.showStop("Begin again");
  }

  ask(path) {
    return this.questions.ask(path);
  }

  // showStop names the button that ends what is waited for, or begins again.
  showStop(words) {
    byId("points-stop").hidden = !words;
    setText(byId("points-stop"), words);
  }

  // stop ends what is waited for; the next time it begins again.
  stop() {
    if (!this.questions.waiting) return this.begin();
    this.questions.halt();
    this.say("stopped");
    this.showStop("Begin again");
  }

  // know takes what is known of each point.
  know({ columns, values }) {
    Object.assign(this.about, { columns, values });
    this.labels = values[0] ?? [];
    this.small = this.labels.map((l) => l.toLowerCase());
  }

  // listSteps learns of new checkpoints, and keeps the one that is shown.
  async listSteps() {
    const read = this.which(this.about.chosen.step);
    try {
      const answer = await this.ask(`api/projector?${read}`);
      if (answer.status === 200) this.about.steps = (await answer.json()).steps;
    } catch { /* a step that has gone; the slider stays as it is */ }
    if (this.about) this.showChoices();
  }

  get beside() {
    return Number(this.setting("beside", 0)) || 0;
  }

  showChoices() {
    const { about } = this, pairs = (list = []) => list.map((v) => [v, v]);
    options("run", pairs(about.runs), about.chosen.run);
    options("of", pairs(about.of), about.chosen.of);
    steps(about.steps ?? [], about.chosen.step, this.beside);
    byId("points-which").hidden = !about.runs && !about.of && !about.steps;
    options("colour", [["", "nothing"], ...pairs(about.columns)], this.tint);
    options("bookmark", [["", "none"], ...this.kept.map((b, i) => [String(i), b.label])], this.bookmark ? this.setting("bookmark", "") : "");
    byId("points-pictures-line").hidden = !this.pictures;
    byId("points-pictures").checked = this.setting("pictures", "") === "1";
  }

  nameStep(at) {
    setText(byId("points-step-name"), `step ${this.about.steps[at]}`);
  }

  // toStep goes to another checkpoint, on the axes of the one that was shown first.
  toStep(at) {
    const { steps: list, chosen } = this.about;
    this.route.set({ "set-step": list[at], beside: this.route.get("beside") ?? chosen.step, bookmark: null });
  }

  keepAxes(on) {
    this.route.set({ beside: on ? this.about.chosen.step : 0, "set-step": this.about.chosen.step });
  }

  get tint() {
    const { about } = this;
    const usual = about.columns.find((c, at) => c !== "number" && new Set(about.values[at]).size <= 20) ?? "";
    const by = this.setting("tint", usual);
    return about.columns.includes(by) ? by : "";
  }

  // show shows the points that are there.
  show() {
    const { about } = this;
    if (this.ready !== `ready ${this.which()}`) return;
    this.bookmark = this.kept[Number(this.setting("bookmark", -1))] ?? null;
    this.method = this.bookmark?.method ?? this.setting("method", about.defaults.method);
    this.dims = this.bookmark?.dims ?? (Number(this.setting("dims", about.defaults.dims)) === 3 ? 3 : 2);
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
    this.showChoices();
    this.camera ??= this.fromAddress();
    this.search();
    this.colour();
    this.lay();
    this.choose(Number(this.setting("pick", -1)));
  }

  // lay fetches the layout that the address names, if it is another one.
  async lay() {
    const own = ["xfrom", "xto", "yfrom", "yto"].map((name) => this.setting(name, ""));
    const wanted = JSON.stringify([this.read, this.method, this.dims, this.sphere, own, this.bookmark ? this.setting("bookmark") : "", this.beside]);
    if (wanted === this.asked) return;
    this.questions.halt();
    const other = this.laid && this.laid !== this.dims;
    this.asked = wanted;
    if (other) this.home();
    this.laid = this.dims;
    const about = this.about, { step } = about.chosen;
    try {
      const { points, figures } = this.bookmark ? { points: this.bookmark.points.slice(), figures: {} } : await this.fetchLayout(step, wanted);
      if (!points) return;
      const turnedOver = await this.axes(points, own);
      if (this.asked !== wanted) return;
      this.points = points;
      this.moveTo(spread(points, this.dims, turnedOver ? null : figures.frame), step);
      this.tell(figures);
    } catch (error) {
      if (this.asked === wanted) this.fail(error);
      return;
    }
    this.colour();
  }

  async fetchLayout(step, wanted) {
    const beside = this.beside && this.beside !== step ? `&beside=${this.beside}` : "";
    const answer = await this.questions.wait(`api/projector/points?${this.which(step)}&method=${encodeURIComponent(this.method)}&dims=${this.dims}&sphere=${this.sphere ? 1 : 0}${beside}`,
      methods[this.method] ?? this.method, () => this.asked === wanted);
    if (!answer) return {};
    return { figures: JSON.parse(answer.headers.get("Rondo-Layout")), points: new Float32Array(await answer.arrayBuffer()) };
  }

  // axes puts the way between words in the place of a coordinate, and says whether it did.
  async axes(points, [xfrom, xto, yfrom, yto]) {
    const said = [];
    let did = false;
    for (const [at, from, to] of [[0, xfrom, xto], [1, yfrom, yto]]) {
      if (!from || !to) continue;
      const [a, b] = [this.having(from), this.having(to)];
      if (!a.length || !b.length) {
        said.push(`no label has “${a.length ? to : from}”`);
        continue;
      }
      const along = new Float32Array(await (await this.ask(`api/projector/axis?${this.which(this.about.chosen.step)}&from=${a}&to=${b}`)).arrayBuffer());
      for (let i = 0; i < along.length; i++) points[i * this.dims + at] = along[i];
      did = true;
      said.push(`${at ? "y" : "x"} from ${from} (${a.length}) to ${to} (${b.length})`);
    }
    setText(byId("points-axes"), said.join("; ") || "Parts of labels; the mean of all that have them.");
    return did;
  }

  tell(f) {
    const { about } = this, figures = [];
    if (f.shares) figures.push(`${(100 * f.shares.reduce((a, b) => a + b, 0)).toFixed(1)} % of the variance`);
    if (f.trustworthiness) figures.push(`trustworthiness ${f.trustworthiness.toFixed(3)}`);
    if (f.preservation) figures.push(`${(100 * f.preservation).toFixed(0)} % of true neighbours preserved`);
    setText(byId("points-figures"), figures.join(", "));
    const step = about.chosen.step ? ` · step ${about.chosen.step}` : "";
    this.say(`${about.points} points of ${about.dims} numbers${step} · ${this.bookmark?.label ?? methods[this.method]} · ${this.cloud.kind}`);
    this.canvas.setAttribute("aria-label", `${about.points} points of ${about.name}${step} by ${methods[this.method]} in ${this.dims} dimensions. Arrows turn or move, plus and minus zoom, 0 goes back.`);
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
      const button = make("button", { type: "button" }, make("i"), make("span"), make("span", { class: "sub" }));
      button.addEventListener("click", () => this.route.set({ pick: i }));
      return make("li", {}, button);
    }, (li, [i, words]) => {
      const [picture, label, more] = li.firstChild.children;
      this.pictures?.put(picture, i);
      setText(label, this.label(i));
      setText(more, words);
    });
  }

  label(i) {
    return this.labels[i] ?? `point ${i}`;
  }

  colour() {
    const { about } = this;
    if (!about) return;
    const at = about.columns.indexOf(this.tint);
    const { tints, keys } = colouring(at < 0 ? null : about.values[at], about.points, getComputedStyle(this.el));
    this.tints = tints;
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
    const wanted = `${this.read} ${pick} ${this.metric}`;
    if (wanted === this.chosen) return;
    this.chosen = wanted;
    this.pick = pick;
    this.near = [];
    let items = [];
    setText(byId("points-picked"), pick < 0 ? "Click a point." : this.about.columns.map((c, at) => `${c}: ${this.about.values[at][pick]}`).join(" · ") || this.label(pick));
    if (pick >= 0) {
      try {
        const { index, distance } = await (await this.ask(`api/projector/near?${this.which(this.about.chosen.step)}&point=${pick}&k=20&metric=${encodeURIComponent(this.metric)}`)).json();
        if (this.chosen !== wanted) return;
        this.near = index;
        items = index.map((j, at) => [j, distance[at].toPrecision(3)]);
      } catch (error) {
        return this.fail(error);
      }
    }
    this.list("points-near", items);
    this.colour();
  }

  release() {
    this.questions.halt(); // nobody waits for it any more
    this.leave.abort();
    this.releaseStage();
  }
}
