// What the network of a checkpoint has learnt: pictures of what its layers see, sequences over time, texts by its cells, or by what
// pushes to a class.
import { Texts } from "../celltext.js";
import { byId, make, setText } from "../dom.js";
import { count, plural, short } from "../format.js";
import { kept } from "../kept.js";
import { Pictures } from "../maps.js";
import { Sequences } from "../sequences.js";
import { Symbols } from "../symbols.js";

export const title = "Look inside";
export const applies = (status) => Boolean(status?.look);

let view = null;

// waits says what a question waits for: its turn, or its answer.
const waits = ({ before }) => (before > 0 ? `waits for its turn: ${plural(before, "question")} before it` : "computing");

export function mount(el, store) {
  store.want(0);
  view = new Look(el, store);
}

export function update() {
  view.follow();
}

export function unmount() {
  view.release();
  view = null;
}

class Look {
  constructor(el, store) {
    Object.assign(this, { el, store, route: store.route, about: null, asked: null, mode: null, slots: new Map(), timer: 0 });
    this.slider = make("input", { type: "range", id: "look-step", min: "0", max: "0", step: "1", value: "0", "aria-label": "Checkpoint" });
    this.slider.addEventListener("input", () => {
      const at = Number(this.slider.value), last = this.about.steps.length - 1;
      this.route.set({ step: at === last ? null : this.about.steps[at] });
    });
    this.body = make("div", { class: "look-body" });
    el.append(make("section", { class: "card look-head", "aria-label": "Checkpoint" },
      make("label", { class: "look-steps" }, make("span", {}, "Step"), this.slider, make("output", { id: "look-at", for: "look-step" })),
      make("p", { class: "sub", id: "look-says", role: "status" }, "Asking what there is.")), this.body);
    this.follow();
  }

  // follow makes everything as the address says, and asks anew when the run has other checkpoints.
  follow() {
    const kept = this.store.status?.checkpoints?.map((c) => c.step).join() ?? "";
    const wanted = [this.route.get("run"), this.route.get("step"), kept].join(" ");
    if (wanted !== this.asked) {
      this.asked = wanted;
      clearTimeout(this.timer); // a slider passes many steps
      this.timer = setTimeout(() => this.begin(), this.about ? 120 : 0);
    } else if (this.about) this.mode?.follow();
  }

  async begin() {
    let about;
    try {
      about = await (await this.ask("about", "about", {}, (words) => this.say(words))).json();
    } catch (error) {
      if (error.name !== "AbortError") this.say(error.message);
      if (error.passes) this.asked = null; // with the next status
      return;
    }
    const kind = this.about?.kind;
    this.about = about;
    const at = Math.max(0, about.steps.indexOf(about.step)), n = about.steps.length;
    this.slider.max = String(Math.max(0, n - 1));
    this.slider.value = String(at);
    this.slider.disabled = n < 2;
    this.slider.setAttribute("aria-valuetext", `step ${about.step}`);
    setText(byId("look-at"), `${about.step}`);
    this.say([kept ? "what the report has of the newest checkpoint" : n < 2 ? "the one checkpoint that is kept" : `checkpoint ${at + 1} of ${n} that are kept`, `digest ${short(about.digest)}`,
      about.samples ? `${count(about.samples)} ${about.kind === "text" ? "bytes" : "samples"} of ${about.source}` : ""].filter(Boolean).join(" · "));
    if (about.kind !== kind || !this.mode) this.change(about);
    this.mode?.follow();
  }

  change(about) {
    this.mode?.release();
    this.body.replaceChildren();
    const Mode = { pictures: Pictures, sequence: Sequences, text: Texts, symbols: Symbols }[about.kind];
    this.mode = Mode ? new Mode(this.body, this) : null;
    if (!this.mode) this.body.append(make("p", { class: "card none" }, about.why || "There is nothing to look at."));
  }

  say(text) {
    setText(byId("look-says"), text);
  }

  setting(name, otherwise) {
    return this.route.get(name) ?? otherwise;
  }

  // ask waits for an answer about the checkpoint, and tells by words what it waits for. A newer question of the same slot takes
  // the place of an older one. An error passes where the same question may be answered later.
  async ask(slot, name, fields = {}, tell = () => {}) {
    if (kept) return kept.look(this.route.get("run"), name, fields);
    this.halt(slot);
    const stop = new AbortController();
    this.slots.set(slot, stop);
    const q = new URLSearchParams();
    for (const [k, v] of Object.entries({ run: this.route.get("run"), step: this.route.get("step"), ...fields })) if (v !== null && v !== undefined && v !== "") q.set(k, v);
    for (;;) {
      const answer = await fetch(`api/look/${name}?${q}`, { signal: stop.signal, cache: "no-store" }).catch((error) => {
        throw error.name === "AbortError" ? error : Object.assign(new Error("No answer comes; it is asked again."), { passes: true });
      });
      if (answer.status === 202) {
        tell(waits(await answer.json()));
        continue;
      }
      if (!answer.ok) throw Object.assign(new Error((await answer.json().catch(() => ({}))).error ?? `${name}: ${answer.status}`), { passes: answer.status === 503 });
      return answer;
    }
  }

  // halt ends the wait for a question that nobody wants answered any more.
  halt(slot) {
    this.slots.get(slot)?.abort();
    this.slots.delete(slot);
  }

  // tiles is an answer of pictures beside one another, and their facts.
  async tiles(slot, name, fields, tell) {
    const answer = await this.ask(slot, name, fields, tell);
    const facts = JSON.parse(answer.headers.get("Rondo-Look"));
    return { facts, sheet: await createImageBitmap(await answer.blob()) };
  }

  release() {
    clearTimeout(this.timer);
    for (const stop of this.slots.values()) stop.abort();
    this.mode?.release();
  }
}
