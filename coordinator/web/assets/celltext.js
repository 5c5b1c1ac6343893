// Look inside a network that goes on with texts: characters by what a cell holds, cells by a range, and what comes next.
import { css, ink, parse, rules } from "./cellcolors.js";
import { byId, keyed, make, setText } from "./dom.js";
import { count, small } from "./format.js";
import { kept } from "./kept.js";
import { listFound, listRanks, reach } from "./ranks.js";
import { drawRanges } from "./textrange.js";

const usualLength = 1000, longestPrompt = 2000;
const card = (id, words, ...children) => make("section", { class: "card", "aria-labelledby": id }, make("h2", { id }, words), ...children);
const thousandth = (p) => `${(p / 10).toFixed(1)} %`;
const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

// shown is a byte as it is read; of a character of several bytes each has a box.
export function shown(byte) {
  if (byte === 10) return "⏎\n";
  if (byte === 9) return "→   ";
  if (byte < 32 || byte === 127) return "·";
  return byte >= 128 ? "▯" : String.fromCharCode(byte);
}

// named is a byte in a list.
const named = (byte) => ({ 10: "⏎", 9: "tab", 32: "space" })[byte] ?? (byte < 32 || byte >= 127 ? `byte ${byte}` : String.fromCharCode(byte));

export class Texts {
  constructor(el, look) {
    Object.assign(this, { el, look, route: look.route, stop: new AbortController(), text: null, values: null, lengths: null, asked: new Map() });
    this.build();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.paint(), { signal: this.stop.signal });
  }

  build() {
    const field = (words, node) => make("label", {}, words, node);
    const button = (words, act, label) => {
      const node = make("button", { type: "button", class: "small", ...(label ? { "aria-label": label } : {}) }, words);
      node.addEventListener("click", act);
      return node;
    };
    const { route } = this;
    this.prompt = make("textarea", { id: "look-prompt", rows: "2", maxlength: String(longestPrompt), placeholder: "Type a text; empty, a part of the run's data is read.", "aria-label": "Text to read" });
    this.prompt.addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => {
        this.typing = 0;
        route.set({ prompt: this.prompt.value || null, a: null, b: null, char: null });
      }, 400);
    });
    this.review = make("input", { type: "checkbox", id: "look-review" });
    this.review.addEventListener("change", () => route.set({ review: this.review.checked ? 1 : null, a: null, b: null, char: null }));
    this.framed = make("label", {}, this.review, "as one review, cleaned and set apart as in training");
    this.state = make("select", { id: "look-state" });
    this.state.addEventListener("change", () => route.set({ state: this.state.value, cell: 0 }));
    this.cell = make("input", { type: "number", min: "0", id: "look-cell" });
    this.cell.addEventListener("change", () => route.set({ cell: this.cell.value || null }));
    this.rule = make("select", { id: "look-rule" }, ...Object.entries(rules).map(([value, { words }]) => make("option", { value }, words)));
    this.rule.addEventListener("change", () => route.set({ rule: this.rule.value }));
    this.flip = make("input", { type: "checkbox", id: "look-flip" });
    this.flip.addEventListener("change", () => route.set({ flip: this.flip.checked ? 1 : null }));
    this.board = make("div", { id: "look-text", class: "look-text", tabindex: "0", role: "group", "aria-label": "The text. Left and right choose a character, with Shift a range, up and down another cell." });
    this.board.addEventListener("keydown", (event) => this.key(event));
    drawRanges(this.board, {
      choose: (char) => route.set({ char }), range: (a, b) => route.set({ a, b }), draw: (a, b) => this.within(a, b), drop: () => this.within(this.a, this.b),
      hover: (i) => this.hover(i), rests: () => setText(byId("look-hover"), "Move the finger to the other end of the range."),
    });
    const part = (by) => () => route.set({ from: Math.max(0, Number(this.look.setting("from", 0)) + by * usualLength), prompt: null, a: null, b: null, char: null });
    this.parts = make("span", { class: "look-tools" }, button("‹", part(-1), "part before"), button("›", part(1), "next part"), make("span", { class: "sub", id: "look-part" }));
    this.search = button("search the data", () => route.set({ where: 1 }));
    const list = (id, words) => make("ol", { id, class: "look-list", "aria-label": words });
    this.el.append(make("div", { class: "look-texts" },
      make("div", { class: "column" },
        card("h-look-text", "Text", this.prompt, this.framed, this.parts,
          make("div", { class: "look-tools" }, field("state", this.state), field("cell", this.cell), button("−", () => this.turn(-1), "cell before"), button("+", () => this.turn(1), "next cell"), field("colour", this.rule), make("label", {}, this.flip, "other way round")),
          this.board, make("p", { class: "sub", id: "look-hover", role: "status" }, "asking for the text"))),
      make("div", { class: "column" },
        card("h-look-next", "What comes next", make("p", { class: "sub", id: "look-next-says" }), list("look-next", "The likeliest characters")),
        card("h-look-cells", "Cells of a range", make("p", { class: "sub", id: "look-cells-says" }), list("look-cells", "Cells that stand out")),
        card("h-look-places", "Where else it is on", make("p", { class: "sub", id: "look-places-says" }), list("look-places", "Other places"),
          ...(kept ? [] : [this.search, make("p", { class: "sub", id: "look-found-says", role: "status" }), list("look-found", "Places in the data")])))));
  }

  // follow makes everything as the address says.
  follow() {
    const { look } = this, { about } = look;
    const names = about.states.map((s) => s.name);
    if (this.state.dataset.of !== names.join()) {
      this.state.replaceChildren(...names.map((name) => make("option", { value: name }, name)));
      this.state.dataset.of = names.join();
    }
    const usual = names.findLast((n) => n.includes(".c_")) ?? names.at(-1); // the last layer's, as the commands have it
    this.held = about.states.find((s) => s.name === look.setting("state", usual)) ?? about.states.find((s) => s.name === usual);
    this.state.value = this.held.name;
    const cell = Math.min(Math.max(0, Math.trunc(Number(look.setting("cell", this.held.kept?.[0] ?? 0))) || 0), this.held.cells - 1);
    this.number = cell;
    this.cell.max = String(this.held.cells - 1);
    if (document.activeElement !== this.cell) this.cell.value = String(cell);
    this.rule.value = rules[look.setting("rule", "tanh")] ? look.setting("rule", "tanh") : "tanh";
    this.flip.checked = look.setting("flip", "") === "1";
    const prompt = kept ? "" : look.setting("prompt", "");
    if (document.activeElement !== this.prompt && !this.typing) this.prompt.value = prompt; // what is not yet in the address stays
    this.review.checked = look.setting("review", "") === "1";
    this.source = prompt ? { prompt, ...(this.review.checked ? { review: 1 } : {}) } : { from: kept ? "0" : look.setting("from", "0"), length: usualLength };
    this.prompt.hidden = kept !== null;
    this.framed.hidden = !prompt;
    this.parts.hidden = kept !== null || prompt !== "" || !about.samples;
    setText(byId("look-part"), `from byte ${this.source.from ?? 0} of ${about.samples}`);
    const stamp = JSON.stringify([about.digest, about.step, this.source]), hovers = (words) => setText(byId("look-hover"), words);
    this.once("text", stamp, "text", this.source, (t) => this.read(t), (why) => {
      this.text = null;
      this.board.replaceChildren();
      setText(byId("look-hover"), about.missing && !prompt ? `${about.missing}: type a text` : why);
    }, hovers);
    this.once("cell", `${stamp} ${this.held.name} ${cell}`, "cell", { ...this.source, state: this.held.name, cell }, (t) => {
      this.values = t.values;
      hovers(""); // what is there is of another cell
      this.paint();
    }, (why) => setText(byId("look-hover"), this.held.kept ? `The report has ${this.held.kept.length} of the ${this.held.cells} cells: those that change most over this text.` : why), hovers);
    this.follows(stamp, cell);
  }

  // follows asks about the character and the range that are chosen.
  follows(stamp, cell) {
    const get = (name) => (/^\d+$/.test(this.route.get(name) ?? "") ? Number(this.route.get(name)) : -1);
    const [at, a, b] = [get("char"), get("a"), get("b")];
    Object.assign(this, { chosen: at, a, b });
    if (at >= 0 && !kept) this.once("next", `${stamp} ${at}`, "next", { ...this.source, at }, (t) => {
      this.lengths = t;
      this.paint();
    }, (why) => setText(byId("look-next-says"), why));
    else {
      this.forget("next");
      this.lengths = null;
    }
    if (a >= 0 && b > a) this.once("cells", `${stamp} ${this.held.name} ${cell} ${a} ${b}`, "cells", { ...this.source, state: this.held.name, a, b, cell }, (t) => this.rank(t), (why) => {
      this.rank(null);
      setText(byId("look-cells-says"), why);
    }, (words) => setText(byId("look-cells-says"), words));
    else {
      this.forget("cells");
      this.rank(null);
    }
    if (!kept) this.seek(stamp, cell);
    this.paint();
  }

  // seek asks where in the data the cell is on as it is in the range, once somebody has asked for that.
  seek(stamp, cell) {
    const { a, b, look } = this, can = a >= 0 && b > a && look.about.samples > 0, wanted = can && look.setting("where", "") === "1";
    this.search.hidden = !can || wanted;
    const says = (words) => setText(byId("look-found-says"), words);
    if (!wanted) {
      this.forget("where");
      says("");
      return this.found(null);
    }
    const own = `${stamp} ${this.held.name} ${cell} ${a} ${b}`;
    if (this.asked.get("where") !== own) says("searching the data");
    this.once("where", own, "where", { ...this.source, state: this.held.name, a, b, cell }, (t) => {
      says(`in ${count(t.searched)} of ${count(t.size)} bytes of ${t.source}: ${t.all} ${t.all === 1 ? "place" : "places"}, the strongest first`);
      this.found(t);
    }, says);
  }

  // found lists places of the data. One that is chosen is read from where its excerpt began, so that cells hold the same.
  found(t) {
    listFound(t, {
      pieces: (p) => [...bytesOf(p.text)].map((c) => shown(c).replace("\n", "")), at: (p) => p.at + p.from,
      open: (p) => this.route.set({ prompt: null, from: p.at, a: p.from, b: p.to, char: p.to - 1 }),
    });
  }

  // once asks a question, unless it is the one that was asked last. tell is told what it waits for, fail what went wrong.
  async once(slot, stamp, name, fields, show, fail, tell = fail) {
    if (this.asked.get(slot) === stamp) return;
    this.asked.set(slot, stamp);
    const wanted = () => this.asked.get(slot) === stamp;
    try {
      const told = await (await this.look.ask(slot, name, fields, (words) => wanted() && tell(words))).json();
      if (wanted()) show(told);
    } catch (error) {
      if (error.name === "AbortError" || !wanted()) return;
      fail(error.message);
      if (error.passes) this.asked.delete(slot); // asked again with the next status
    }
  }

  // forget ends a question that is not wanted any more: a search goes on while somebody waits for it.
  forget(slot) {
    if (this.asked.delete(slot)) this.look.halt(slot);
  }

  // read lays the text out, a node for each byte.
  read(told) {
    this.text = { bytes: bytesOf(told.text), next: bytesOf(told.next), p: told.p, wide: told.wide, worth: told.worth };
    this.last = null;
    this.board.replaceChildren(...[...this.text.bytes].map((byte, i) => make("span", { "data-i": String(i) }, shown(byte))));
    setText(byId("look-hover"), "");
    this.paint();
  }

  // paint colours what is there.
  paint() {
    const { text, values, board } = this;
    if (!text || !values || values.length !== text.bytes.length || board.children.length !== values.length) return;
    const stamp = JSON.stringify([this.chosen, this.a, this.b, this.rule.value, this.flip.checked, matchMedia("(prefers-color-scheme: dark)").matches]);
    if (stamp === this.stamp && this.last === values && this.back === this.lengths) return;
    Object.assign(this, { stamp, last: values, back: this.lengths });
    const paper = parse(getComputedStyle(board).getPropertyValue("--card")), sign = this.flip.checked ? -1 : 1, { colour } = rules[this.rule.value];
    const { lengths, chosen, a, b } = this;
    [...board.children].forEach((node, i) => {
      const rgb = colour(sign * values[i], paper), matters = lengths ? lengths.lengths[i - lengths.from] ?? 0 : 0;
      node.style.background = css(rgb);
      node.style.color = ink(rgb);
      node.style.setProperty("--matters", matters.toFixed(3));
      node.className = [i === chosen ? "chosen" : "", i >= a && i < b ? "within" : "", matters > 0.02 ? "matters" : ""].filter(Boolean).join(" ");
    });
    board.dataset.painted = `${this.held.name} ${this.number}`;
    this.guess();
  }

  // guess lists the five likeliest characters behind the chosen one.
  guess() {
    const { text, chosen } = this;
    const there = text && chosen >= 0 && chosen < text.bytes.length;
    setText(byId("look-next-says"), there ? `behind character ${chosen} (${named(text.bytes[chosen])})${kept ? "" : "; underlined: what of the text matters for the first"}` : "Click a character.");
    const items = there ? Array.from({ length: text.wide }, (_, k) => [text.next[chosen * text.wide + k], text.p[chosen * text.wide + k]]) : [];
    keyed(byId("look-next"), items, ([byte]) => byte, () => make("li", {}, make("b"), make("meter", { min: "0", max: "1000" }), make("span", { class: "num" })), (li, [byte, p]) => {
      setText(li.children[0], named(byte));
      li.children[1].value = p;
      li.children[1].setAttribute("aria-label", `probability of ${named(byte)}`);
      setText(li.children[2], thousandth(p));
    });
  }

  // rank lists the cells that stand out in the range, and where else the one that is shown is on.
  rank(t) {
    const excerpt = (from, to) => [...(this.text?.bytes.slice(from, to) ?? [])].map((c) => shown(c).replace("\n", "")).join("");
    listRanks(t, { cell: "cell", symbols: "characters", number: this.number, excerpt, choose: (cell) => this.route.set({ cell }), go: (p) => this.go(p) });
  }

  go(p) {
    this.route.set({ char: p.to - 1 });
    this.board.children[p.from]?.scrollIntoView({ block: "nearest" });
  }

  // within marks a range.
  within(a, b) {
    [...this.board.children].forEach((node, i) => node.classList.toggle("within", i >= a && i < b));
  }

  hover(i) {
    const { text, values } = this;
    if (i < 0 || !text || !values) return;
    const next = Array.from({ length: text.wide }, (_, k) => `${named(text.next[i * text.wide + k])} ${thousandth(text.p[i * text.wide + k])}`).join(", ");
    setText(byId("look-hover"), `${i} ${named(text.bytes[i])}: ${small(values[i])}${text.worth[i] < 0 ? "" : `, expected by ${thousandth(text.worth[i])}`}; next ${next}`);
  }

  turn(by) {
    const { kept: some, cells } = this.held;
    if (some) this.route.set({ cell: some[(Math.max(0, some.indexOf(this.number)) + by + some.length) % some.length] });
    else this.route.set({ cell: (this.number + by + cells) % cells });
  }

  key(event) {
    if (!this.text) return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key], other = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (by === undefined && other === undefined) return;
    event.preventDefault();
    if (other) return this.turn(other);
    const n = this.text.bytes.length, at = this.chosen < 0 ? 0 : Math.min(Math.max(0, this.chosen + by), n - 1);
    if (!event.shiftKey) return this.route.set({ char: at });
    this.route.set({ char: at, ...reach(this.a, this.b, this.chosen, at) });
  }

  release() {
    clearTimeout(this.typing);
    this.stop.abort();
  }
}
