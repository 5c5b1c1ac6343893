// Look inside a network that reads sequences: what it reads, its layers over time, and what of that matters for an answer.
import { keyed, make, setText } from "./dom.js";
import { small } from "./format.js";
import { kept } from "./kept.js";
import { Slots } from "./slots.js";
import { drawLines, Strip } from "./strip.js";

const card = (id, words, ...children) => make("section", { class: "card", "aria-labelledby": id }, make("h2", { id }, words), ...children);
const percent = (p) => `${(100 * p).toFixed(1)} %`;
const byId = (id) => document.getElementById(id);
const within = (v, n) => Math.min(Math.max(0, v), n - 1);

export class Sequences {
  constructor(el, look) {
    Object.assign(this, { el, look, route: look.route, slots: new Slots(look), cursor: -1, read: null });
    this.build();
    this.watching = new ResizeObserver(() => this.resize());
    this.watching.observe(el);
  }

  build() {
    const { route } = this;
    const field = (words, node) => make("label", {}, words, node);
    const button = (words, act, label) => {
      const node = make("button", { type: "button", class: "small", "aria-label": label }, words);
      node.addEventListener("click", act);
      return node;
    };
    const canvas = (id, label, more = {}) => make("canvas", { id, role: "img", "aria-label": label, width: "1", height: "1", ...more });
    const said = (id) => make("p", { class: "sub", id, role: "status" });
    this.sample = make("input", { type: "number", min: "0", id: "look-sample" });
    this.sample.addEventListener("change", () => route.set({ sample: this.sample.value || null, answer: null }));
    const step = (by) => () => route.set({ sample: within(Number(this.look.setting("sample", 0)) + by, Math.max(1, this.look.about.samples)), answer: null });
    this.layer = make("select", { id: "look-layer" });
    this.layer.addEventListener("change", () => route.set({ layer: this.layer.value, channel: null }));
    const hover = (share) => this.point(share);
    this.strips = {
      input: new Strip(canvas("look-input", "what the network reads, over time"), { hover }),
      matters: new Strip(canvas("look-back", "what of it matters for the answer, over time"), { hover }),
      maps: new Strip(canvas("look-maps", kept ? "a layer over time; left and right choose a place in time" : "a layer over time; up and down choose a channel, left and right a place in time", { tabindex: "0" }),
        { hover, choose: kept ? null : (share, channel) => channel >= 0 && route.set({ channel }) }),
    };
    this.strips.maps.canvas.addEventListener("keydown", (event) => this.key(event));
    const place = (strip) => make("div", { class: "look-strip" }, strip.canvas);
    this.el.append(make("div", { class: "look-sequences" },
      make("div", { class: "column" },
        card("h-look-input", "Sequence", make("div", { class: "look-tools" }, field("sample", this.sample), button("‹", step(-1), "sample before"), button("›", step(1), "next sample"), make("span", { class: "sub", id: "look-class" })),
          place(this.strips.input), make("div", { id: "look-lines", class: "look-lines" }), said("look-input-says")),
        card("h-look-maps", "A layer over time", make("div", { class: "look-tools" }, field("layer", this.layer)), place(this.strips.maps), make("div", { id: "look-track", class: "look-lines", hidden: "" }), said("look-track-says"), said("look-maps-says")),
        card("h-look-back", "What matters", place(this.strips.matters), make("div", { id: "look-lengths", class: "look-lines" }), said("look-matters-says"))),
      make("div", { class: "column" },
        card("h-look-taken", "Taken for", make("ul", { class: "look-taken", id: "look-taken" }), make("p", { class: "sub", id: "look-at-time" })))));
  }

  // follow asks for what the address says, if it is another than what is drawn.
  follow() {
    const { look, slots } = this, { about } = look, layers = about.layers ?? [];
    const names = layers.map((l) => l.name);
    if (this.layer.dataset.of !== names.join()) {
      this.layer.replaceChildren(...names.map((name) => make("option", { value: name }, name)));
      this.layer.dataset.of = names.join();
    }
    if (document.activeElement !== this.sample) this.sample.value = look.setting("sample", "0");
    this.sample.max = String(Math.max(0, about.samples - 1));
    const sample = look.setting("sample", "0");
    // What a recurrent layer yields or remembers, not its .input or .output, is shown first.
    const usual = layers.find((l) => l.steps > 1 && /rnn.*[^t]$/.test(l.name)) ?? layers.find((l) => l.steps > 1) ?? layers[0];
    const layer = layers.find((l) => l.name === look.setting("layer", usual?.name)) ?? usual;
    if (!layer || !about.samples) {
      setText(byId("look-input-says"), about.missing ?? "The report has no room for them.");
      return;
    }
    this.layer.value = layer.name;
    slots.draw("input", "input", { sample }, (t) => this.drawInput(t));
    slots.draw("maps", "maps", { sample, layer: layer.name }, (t) => this.drawLayer(t));
    slots.draw("matters", "matters", { sample, answer: kept ? null : look.setting("answer", null) }, (t) => this.drawMatters(t));
    const channel = Number(look.setting("channel", NaN)), track = byId("look-track");
    const chosen = !kept && Number.isInteger(channel) && channel >= 0 && channel < layer.channels ? channel : -1;
    track.hidden = chosen < 0;
    this.strips.maps.mark(this.cursor, chosen);
    if (chosen >= 0) slots.draw("track", "track", { sample, layer: layer.name, channel: chosen }, (t) => this.drawTrack(t), { facts: true, fail: () => track.replaceChildren() });
    else {
      slots.delete("track");
      this.say();
    }
  }

  drawInput(t) {
    const { facts } = t;
    this.read = facts;
    this.strips.input.show(t);
    setText(byId("look-class"), [facts.class === undefined ? "" : `class ${facts.class}`, facts.length ? `${facts.length.toFixed(2)} s` : "", `${facts.steps} frames of ${facts.channels} ${facts.up ? "bands" : "numbers"}`].filter(Boolean).join(" · "));
    const lines = byId("look-lines");
    lines.hidden = !facts.wave?.length && !facts.lines;
    if (!lines.hidden) drawLines(lines, { lines: facts.lines, wave: facts.wave, label: facts.wave ? "the sound" : "the numbers of a frame, a line for each" });
    setText(byId("look-input-says"), `${facts.up ? "low pitches at the bottom" : "a row for each number of a frame"}, black ${small(facts.span[0])}, white ${small(facts.span[1])}${facts.wave ? "; below it the sound" : facts.lines ? "; below it the same as lines" : ""}`);
    keyed(byId("look-taken"), facts.taken ?? [], (g) => g.number, () => {
      const name = make("button", { type: "button", class: "small" });
      name.addEventListener("click", () => this.route.set({ answer: name.dataset.number }));
      return make("li", {}, kept ? make("span") : name, make("meter", { min: "0", max: "1" }), make("span", { class: "num" }));
    }, (li, g) => {
      li.children[0].dataset.number = g.number;
      setText(li.children[0], g.class);
      if (!kept) li.children[0].setAttribute("aria-label", `what matters for ${g.class}`);
      li.children[1].value = g.p;
      li.children[1].setAttribute("aria-label", `taken for ${g.class}`);
      setText(li.children[2], percent(g.p));
    });
    this.press();
    this.point(this.cursor);
  }

  drawLayer(t) {
    this.strips.maps.show(t);
    this.say();
  }

  // over is what the layer that is asked for is; undefined: there is no answer yet, or there was an error.
  over() {
    return this.slots.get("maps")?.tiles?.facts;
  }

  // say tells what the picture of the layer has, and of the channel that is chosen its values. Until there is one, what stands
  // there of the question stays.
  say() {
    const over = this.over(), track = this.slots.get("track")?.tiles;
    if (!over) return;
    const { layer, steps, channels, height, span } = over;
    const shown = channels > height ? `, the first ${height} shown` : "";
    setText(byId("look-maps-says"), `${layer}: ${steps} ${steps === 1 ? "step" : "steps"} of ${channels} channels${shown}, black ${small(span[0])}, white ${small(span[1])}` +
      (track ? `; channel ${track.channel} from ${small(Math.min(...track.values))} to ${small(Math.max(...track.values))}` : kept ? "" : "; a click chooses a channel"));
  }

  drawTrack(t) {
    drawLines(byId("look-track"), { lines: [t.values], label: `channel ${t.channel} of ${t.layer} over time` });
    this.say();
  }

  drawMatters(t) {
    const { facts } = t;
    this.answer = facts.answer;
    this.strips.matters.show(t);
    drawLines(byId("look-lengths"), { lines: [facts.lengths], label: "how much each frame matters" });
    const what = facts.p ? `${facts.name} (${percent(facts.value)})` : `number ${facts.name} (${small(facts.value)})`;
    setText(byId("look-matters-says"), `the gradient of ${what}${facts.said > 1 ? ` at step ${facts.at}` : ""} by each frame, grey is zero; below it how much each frame matters, by the most`);
    this.press();
  }

  press() {
    for (const li of byId("look-taken").children) if (!kept) li.children[0].setAttribute("aria-pressed", String(Number(li.children[0].dataset.number) === this.answer));
  }

  // point marks a place in time, from 0 to 1, in all pictures.
  point(share) {
    this.cursor = share;
    for (const strip of Object.values(this.strips)) strip.mark(share);
    const { read } = this, frame = read && share >= 0 ? Math.floor(share * read.steps) : -1;
    setText(byId("look-at-time"), frame < 0 ? "" : `frame ${frame} of ${read.steps}${read.frame ? `, at ${(frame * read.frame).toFixed(2)} s` : ""}`);
  }

  key(event) {
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }, move = moves[event.key], over = this.over();
    if (!move || !over || (kept && move[0] !== 0)) return;
    event.preventDefault();
    if (move[1] !== 0) {
      const n = over.steps, at = this.cursor < 0 ? -1 : Math.floor(this.cursor * n);
      this.point((within(at + move[1], n) + 0.5) / n);
    } else this.route.set({ channel: within((this.strips.maps.chosen < 0 ? -1 : this.strips.maps.chosen) + (over.up ? -move[0] : move[0]), Math.min(over.channels, over.height)) });
  }

  resize() {
    if (this.width === this.el.clientWidth) return;
    this.width = this.el.clientWidth;
    for (const slot of ["input", "maps", "matters", "track"]) {
      const { tiles, show } = this.slots.get(slot) ?? {};
      if (tiles) show(tiles);
    }
  }

  release() {
    this.watching.disconnect();
  }
}
