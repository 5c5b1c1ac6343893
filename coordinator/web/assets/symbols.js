// Look inside a network that tells something of texts: what it takes one for, which words push to that, and channels of its layers.
import { css, ink, parse, rules, signed } from "./cellcolors.js";
import { shown } from "./celltext.js";
import { byId, keyed, make, setText } from "./dom.js";
import { count, plural, small } from "./format.js";
import { kept } from "./kept.js";
import { listFound, listRanks, reach } from "./ranks.js";
import { Slots } from "./slots.js";
import { drawRanges } from "./textrange.js";

const longestPrompt = 2000;
const card = (id, words, ...children) => make("section", { class: "card", "aria-labelledby": id }, make("h2", { id }, words), ...children);
const percent = (p) => `${(100 * p).toFixed(1)} %`;
const within = (v, n) => Math.min(Math.max(0, v), n - 1);
const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const plus = (v) => `${v > 0 ? "+" : ""}${small(v)}`;
const byPush = "push", byLength = "length"; // what a text is coloured by, where it is no layer

export class Symbols {
  constructor(el, look) {
    Object.assign(this, { el, look, route: look.route, slots: new Slots(look), stop: new AbortController(), pieces: null, text: null, told: null, values: null, chosen: -1, bring: -1, a: -1, b: -1 });
    this.build();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.paint(), { signal: this.stop.signal });
  }

  build() {
    const { route } = this;
    const field = (words, node) => make("label", {}, words, node);
    const button = (words, act, label) => {
      const node = make("button", { type: "button", class: "small", ...(label ? { "aria-label": label } : {}) }, words);
      node.addEventListener("click", act);
      return node;
    };
    this.prompt = make("textarea", { id: "look-prompt", rows: "2", maxlength: String(longestPrompt), placeholder: "Type a text; empty, a sample of the run's data is read.", "aria-label": "Text to read" });
    this.prompt.addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => {
        this.typing = 0;
        route.set({ prompt: this.prompt.value.trim() ? this.prompt.value : null, answer: null, a: null, b: null });
      }, 400);
    });
    this.sample = make("input", { type: "number", min: "0", id: "look-sample" });
    this.sample.addEventListener("change", () => this.go(Number(this.sample.value) || 0));
    const step = (by) => () => this.go(Number(this.look.setting("sample", 0)) + by);
    this.samples = make("span", { class: "look-tools" }, field("sample", this.sample), button("‹", step(-1), "sample before"), button("›", step(1), "next sample"));
    this.by = make("select", { id: "look-by" });
    this.by.addEventListener("change", () => route.set({ by: this.by.value, channel: null }));
    this.channel = make("input", { type: "number", min: "0", id: "look-channel" });
    this.channel.addEventListener("change", () => route.set({ channel: this.channel.value || null }));
    this.channels = make("span", { class: "look-tools" }, field("channel", this.channel), button("−", () => this.turn(-1), "channel before"), button("+", () => this.turn(1), "next channel"));
    this.board = make("div", { id: "look-text", class: "look-text", tabindex: "0", role: "group", "aria-label": "The text. Left and right choose a symbol, with Shift a range, up and down another channel." });
    this.board.addEventListener("keydown", (event) => this.key(event));
    drawRanges(this.board, {
      choose: (i) => this.show(i), range: (a, b) => this.ranges() && route.set({ a, b }), draw: (a, b) => this.ranges() && this.mark(a, b), drop: () => this.mark(this.a, this.b),
      hover: (i) => i >= 0 && this.say(i), rests: () => this.ranges() && setText(byId("look-hover"), "Move the finger to the other end of the range."),
    });
    this.search = button("search the data", () => route.set({ where: 1 }));
    const says = (id) => make("p", { class: "sub", id, role: "status" }), list = (id, words) => make("ol", { id, class: "look-list", "aria-label": words });
    this.cells = card("h-look-cells", "Channels of a range", says("look-cells-says"), list("look-cells", "Channels that stand out"));
    this.places = card("h-look-places", "Where else it is on", make("p", { class: "sub", id: "look-places-says" }), list("look-places", "Other places"),
      ...(kept ? [] : [this.search, says("look-found-says"), list("look-found", "Places in the data")]));
    this.el.append(make("div", { class: "look-texts" },
      make("div", { class: "column" },
        card("h-look-text", "Text", this.prompt, make("div", { class: "look-tools" }, this.samples, make("span", { class: "sub", id: "look-class" })),
          make("div", { class: "look-tools" }, field("colour", this.by), this.channels), this.board, says("look-hover"), says("look-input-says"), says("look-track-says")), this.cells, this.places),
      make("div", { class: "column" },
        card("h-look-taken", "Taken for", make("ul", { class: "look-taken", id: "look-taken" })),
        card("h-look-words", "Words that push", says("look-matters-says"), make("ol", { id: "look-words", class: "look-list look-words", "aria-label": "Words that push" })))));
  }

  go(sample) {
    this.route.set({ sample: within(sample, Math.max(1, this.look.about.samples)), prompt: null, answer: null, a: null, b: null });
  }

  // follow asks for what the address says, if it is another than what is drawn.
  follow() {
    const { look, slots } = this, { about } = look, layers = about.layers ?? [];
    const prompt = kept ? "" : look.setting("prompt", ""), sample = look.setting("sample", "0");
    this.source = prompt ? { prompt } : { sample };
    this.prompt.hidden = kept !== null;
    if (document.activeElement !== this.prompt && !this.typing) this.prompt.value = prompt; // what is not yet in the address stays
    if (document.activeElement !== this.sample) this.sample.value = sample;
    this.sample.max = String(Math.max(0, about.samples - 1));
    this.samples.hidden = prompt !== "" || !about.samples;
    if (!prompt && !about.samples) {
      setText(byId("look-input-says"), `${about.missing ?? "There are no samples"}${kept ? "" : ": type a text"}`);
      return;
    }
    const of = JSON.stringify([about.digest, this.source]); // answers about another text do not go with this one
    slots.draw("input", "input", this.source, (t) => this.read({ ...t, of }), { facts: true, fail: () => this.clear() });
    slots.draw("matters", "matters", { ...this.source, answer: kept ? null : look.setting("answer", null) }, (t) => this.tell({ ...t, of }), { facts: true, fail: () => this.tell(null) });
    this.choose(layers, sample, of);
    this.rank(layers);
  }

  // ranges says whether channels can be ranked by a range of the text: a report has those of the first text.
  ranges() {
    return this.some?.length > 0;
  }

  // rank asks for the channels that stand out in the range that is chosen, of the layer that colours the text or else of the first.
  rank(layers) {
    const { look, slots, route } = this, number = (name) => (/^\d+$/.test(route.get(name) ?? "") ? Number(route.get(name)) : -1);
    [this.a, this.b] = [number("a"), number("b")];
    const layer = this.layer ?? this.some[0];
    this.cells.hidden = !layers.length;
    this.places.hidden = !layer;
    this.mark(this.a, this.b);
    const list = (t) => listRanks(t, {
      cell: "channel", symbols: "symbols", number: this.layer ? this.number : -1, excerpt: (from, to) => (this.pieces ?? []).slice(from, to).join(this.between()).replaceAll("\n", ""),
      choose: (channel) => route.set({ by: layer.name, channel }), go: (p) => this.show(p.from),
    });
    const chosen = layer && this.a >= 0 && this.b > this.a, fields = chosen && { ...this.source, layer: layer.name, a: this.a, b: this.b, cell: this.layer ? this.number : null };
    if (!kept) this.seek(chosen && look.about.samples > 0, fields);
    if (!chosen) {
      slots.delete("cells");
      list(null);
      if (!layer && layers.length) setText(byId("look-cells-says"), "The report has channels of the first text alone.");
      return;
    }
    slots.draw("cells", "cells", fields, list, { facts: true, fail: () => {
      const why = byId("look-cells-says").textContent;
      list(null);
      setText(byId("look-cells-says"), why);
    } });
  }

  // between is what stands between two symbols.
  between() {
    return this.wide ? " " : "";
  }

  // seek asks where in the data the channel is on as it is in the range, if it can be asked and once somebody has asked for that.
  seek(can, fields) {
    const { look, slots } = this, wanted = can && look.setting("where", "") === "1";
    this.search.hidden = !can || wanted;
    if (!wanted) {
      slots.delete("found");
      return this.found(null);
    }
    slots.draw("found", "where", fields, (t) => {
      setText(byId("look-found-says"), `in ${count(t.searched)} symbols of ${plural(t.texts, "text")} of the ${count(t.of)} of ${t.source}: ${plural(t.all, "place")}, the strongest first`);
      this.found(t);
    }, { facts: true, fail: () => this.found(null) });
  }

  // found lists places of the data. The text of one that is chosen is read.
  found(t) {
    listFound(t, {
      pieces: (p) => p.words ?? [...bytesOf(p.text ?? "")].map((c) => shown(c).replace("\n", "")), between: this.between(), at: (p) => `sample ${p.at}, ${p.from}`,
      open: (p) => {
        if (this.source.sample === String(p.at)) this.show(p.to - 1);
        else this.bring = p.to - 1; // once it is there
        this.route.set({ sample: p.at, prompt: null, answer: null, a: p.from, b: p.to });
      },
    });
  }

  // mark marks a range.
  mark(a, b) {
    for (const node of this.board.children) node.classList.toggle("within", node.dataset.i >= a && node.dataset.i < b);
  }

  // choose offers what the text can be coloured by, and asks for the channel that is wanted.
  choose(layers, sample, source) {
    const { look, slots } = this, some = kept && sample !== "0" ? [] : layers;
    this.some = some;
    const options = [[byPush, "what pushes"], ...(layers.length ? [[byLength, "how much it matters"]] : []), ...some.map((l) => [l.name, l.name])];
    const of = options.map(([value]) => value).join();
    if (this.by.dataset.of !== of) {
      this.by.replaceChildren(...options.map(([value, words]) => make("option", { value }, words)));
      this.by.dataset.of = of;
    }
    const by = look.setting("by", byPush);
    this.layer = some.find((l) => l.name === by);
    this.by.value = this.layer ? by : by === byLength && layers.length ? byLength : byPush;
    this.channels.hidden = !this.layer;
    if (!this.layer) {
      slots.delete("track");
      this.track = null;
      return this.paint();
    }
    const first = this.layer.kept?.[0] ?? 0, channel = within(Math.trunc(Number(look.setting("channel", first))) || 0, this.layer.channels);
    this.number = channel;
    this.channel.max = String(this.layer.channels - 1);
    if (document.activeElement !== this.channel) this.channel.value = String(channel);
    slots.draw("track", "track", { ...this.source, layer: by, channel }, (t) => {
      this.track = { ...t, of: source };
      this.paint();
    }, { facts: true, fail: () => {
      this.track = null;
      if (this.layer?.kept) setText(byId("look-track-says"), `The report has ${this.layer.kept.length} of the ${this.layer.channels} channels: those that change most over this text.`);
      this.paint();
    } });
  }

  clear() {
    this.pieces = null;
    this.board.replaceChildren();
    keyed(byId("look-taken"), [], String, null, null);
  }

  // read lays the text out, a node for each symbol.
  read(t) {
    this.text = t.of;
    const unknown = new Set(t.unknown ?? []);
    this.pieces = t.words ?? [...bytesOf(t.text ?? "")].map(shown);
    this.chosen = -1;
    this.board.replaceChildren(...this.pieces.flatMap((piece, i) => {
      const node = make("span", { "data-i": String(i), ...(unknown.has(i) ? { class: "unknown" } : {}) }, piece);
      return t.words ? [node, " "] : [node];
    }));
    [this.unknown, this.wide] = [unknown, Boolean(t.words)];
    this.mark(this.a, this.b);
    if (this.bring >= 0) this.show(this.bring);
    this.bring = -1;
    const n = this.pieces.length;
    setText(byId("look-class"), [t.class === undefined ? "" : `class ${t.class}`, plural(n, t.words ? "word" : "byte"), t.whole > n ? `the first of ${t.whole}` : "",
      unknown.size ? `${unknown.size} not in the vocabulary` : ""].filter(Boolean).join(" · "));
    keyed(byId("look-taken"), t.taken ?? [], (g) => g.number, () => {
      const name = make("button", { type: "button", class: "small" });
      name.addEventListener("click", () => this.route.set({ answer: name.dataset.number }));
      return make("li", {}, kept ? make("span") : name, make("meter", { min: "0", max: "1" }), make("span", { class: "num" }));
    }, (li, g) => {
      li.children[0].dataset.number = g.number;
      setText(li.children[0], g.class);
      if (!kept) li.children[0].setAttribute("aria-label", `which words push to ${g.class}`);
      li.children[1].value = g.p;
      li.children[1].setAttribute("aria-label", `taken for ${g.class}`);
      setText(li.children[2], percent(g.p));
    });
    this.press();
    this.paint();
  }

  // tell lists the words that do most to the answer.
  tell(t) {
    this.told = t;
    const answer = t?.answers[0], most = Math.max(1e-30, ...(t?.pushed ?? []).map((w) => Math.abs(w.by[0])));
    if (t) setText(byId("look-matters-says"), `to ${answer.name} (${t.p ? percent(answer.value) : small(answer.value)}) or, below zero, away from it: the gradient by each symbol, times it`);
    keyed(byId("look-words"), t?.pushed ?? [], (w) => w.word, () => {
      const node = make("button", { type: "button" }, make("span"), make("span", { class: "num" }), make("i", { class: "push", "aria-hidden": "true" }), make("span", { class: "sub" }));
      node.addEventListener("click", () => this.show(node.parentElement.item.first));
      return make("li", {}, node);
    }, (li, w) => {
      li.item = w;
      const [word, by, bar, sub] = li.firstChild.children, best = w.by.indexOf(Math.max(...w.by));
      setText(word, w.word);
      setText(by, plus(w.by[0]));
      bar.style.setProperty("--share", (Math.abs(w.by[0]) / most).toFixed(3));
      bar.className = w.by[0] < 0 ? "push away" : "push";
      setText(sub, [w.times > 1 ? `${w.times} times` : "", t.p && best > 0 && w.by[best] > 0 ? `most to ${t.answers[best].name}` : ""].filter(Boolean).join(", "));
    });
    this.press();
    this.paint();
  }

  press() {
    const answer = this.told?.answers[0].number;
    for (const li of byId("look-taken").children) if (!kept) li.children[0].setAttribute("aria-pressed", String(Number(li.children[0].dataset.number) === answer));
  }

  // paint colours the text by what is wanted of it, if that is there.
  paint() {
    const { board, pieces, told, track, layer } = this, by = this.by.value;
    const mine = layer ? (track?.layer === layer.name && track.channel === this.number ? track : null) : told;
    const values = mine?.of !== this.text ? null : layer ? mine?.values : by === byLength ? mine?.lengths : mine?.by;
    this.values = pieces && values?.length === pieces.length ? values : null;
    const spans = board.querySelectorAll("span");
    if (!pieces || spans.length !== pieces.length) return;
    const paper = parse(getComputedStyle(board).getPropertyValue("--card")), colour = layer ? rules.tanh.colour : signed;
    spans.forEach((node, i) => {
      const rgb = this.values ? colour(this.values[i], paper) : null;
      node.style.background = rgb ? css(rgb) : "";
      node.style.color = rgb ? ink(rgb) : "";
      node.classList.toggle("chosen", i === this.chosen);
    });
    board.dataset.painted = this.values ? (layer ? `${layer.name} ${this.number}` : by) : "";
    if (this.chosen >= 0) this.say(this.chosen);
    else setText(byId("look-hover"), ""); // what is there is of other values
  }

  // show marks a symbol and brings it into view.
  show(i) {
    this.chosen = i;
    this.paint();
    this.board.querySelector(`[data-i="${i}"]`)?.scrollIntoView({ block: "nearest" });
  }

  // say tells of one symbol.
  say(i) {
    const { pieces, values, told, layer } = this;
    if (!pieces || !values) return setText(byId("look-hover"), "");
    const what = layer ? `${small(values[i])} in channel ${this.number}` : this.by.value === byLength ? `matters ${small(values[i])} of the most` : `${plus(values[i] * told.most)} to ${told.answers[0].name}`;
    setText(byId("look-hover"), `${i} ${pieces[i].trim() || "space"}: ${what}${this.unknown.has(i) ? "; not in the vocabulary" : ""}`);
  }

  turn(by) {
    const { kept: some, channels } = this.layer;
    if (some) this.route.set({ channel: some[(Math.max(0, some.indexOf(this.number)) + by + some.length) % some.length] });
    else this.route.set({ channel: (this.number + by + channels) % channels });
  }

  key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key], other = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!this.pieces?.length || (by === undefined && (other === undefined || !this.layer))) return;
    event.preventDefault();
    if (other) return this.turn(other);
    const at = within(this.chosen + by, this.pieces.length), from = this.chosen;
    this.show(at);
    if (event.shiftKey && this.ranges()) this.route.set(reach(this.a, this.b, from, at));
  }

  release() {
    clearTimeout(this.typing);
    this.stop.abort();
  }
}
