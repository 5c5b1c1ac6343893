// What evaluations show beside their figures: which class is taken for which, what the same samples are taken for and what
// a language model writes, as training goes on.
import { byId, keyed, make, setText, text } from "./dom.js";
import { integer, plural } from "./format.js";
import { Matrix, nameOf } from "./matrix.js";
import { drawReliability, errorText, reliabilityRows } from "./reliability.js";

const mostKept = 40; // outcomes
const listed = 12; // pairs
const percent = (part, whole) => (whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : "–");
const recall = (c) => (c.is > 0 ? c.right / c.is : 2); // of a class that is not there: behind all others
const likely = (loss) => `${(100 * Math.exp(-loss)).toFixed(loss < 3 ? 0 : 1)} %`;

export class Outcomes {
  constructor(store) {
    Object.assign(this, { store, busy: false });
    this.begin(store.name);
    this.matrix = new Matrix(byId("matrix"), ([is, taken]) => store.route.set({ cell: `${is}-${taken}` }));
    byId("outcome-at").addEventListener("input", (event) => {
      const at = Number(event.target.value);
      store.route.set({ eval: at >= this.steps.length - 1 ? null : this.steps[at] });
    });
  }

  // begin knows nothing yet of a run's evaluations.
  begin(run) {
    Object.assign(this, { run, steps: [], kept: new Map(), told: 0, pictures: false, shown: "" });
  }

  remove() {
    this.matrix.remove();
    this.store = null;
  }

  // update asks for what there is to see, if there is any that is not known yet.
  update() {
    if (this.run !== this.store.name) this.begin(this.store.name);
    const told = (this.store.status.evaluations ?? []).filter((e) => e.outcome).at(-1)?.step ?? 0;
    byId("outcomes").hidden = told === 0;
    if (told === 0) return;
    if (told !== this.told || !this.kept.has(this.wanted())) this.ask(told);
    this.draw();
  }

  // wanted is the step whose evaluation is shown: the one that was chosen, the last at the chosen step, or the newest.
  wanted() {
    const { route } = this.store, chosen = Number(route.get("eval") ?? NaN);
    const before = (step) => this.steps.findLast((s) => s <= step) ?? this.steps[0] ?? 0;
    if (Number.isFinite(chosen)) return before(chosen);
    return route.at !== null ? before(route.at) : this.steps.at(-1) ?? 0;
  }

  async ask(told) {
    const { run } = this;
    if (this.busy || this.store.route.get("run") !== run) return; // the status of another run is on its way
    this.busy = true;
    let news = false;
    try {
      const step = told !== this.told ? 0 : this.wanted();
      const answer = await this.store.get(this.store.ofRun(`api/outcome?step=${step}`));
      if (!this.store || this.run !== run) return;
      this.told = told;
      this.steps = answer.steps;
      this.pictures = answer.pictures;
      news = answer.outcome && !this.kept.has(answer.outcome.step);
      if (answer.outcome) this.keep(answer.outcome);
    } catch (error) {
      console.info(`what evaluations show is not to be had: ${error.message}`);
      return;
    } finally {
      this.busy = false;
    }
    if (this.kept.has(this.wanted())) this.draw();
    else if (news) this.update(); // of what nobody has it is asked with the next status
  }

  keep(outcome) {
    this.kept.set(outcome.step, outcome);
    if (this.kept.size > mostKept) this.kept.delete(this.kept.keys().next().value);
  }

  draw() {
    const step = this.wanted(), outcome = this.kept.get(step);
    if (!outcome) return;
    const cell = /^(\d{1,4})-(\d{1,4})$/.exec(this.store.route.get("cell") ?? "")?.slice(1).map(Number) ?? null;
    const stamp = `${step} ${cell} ${this.steps.length} ${this.pictures}`;
    if (stamp === this.shown) return;
    this.shown = stamp;
    const slider = byId("outcome-at");
    slider.max = this.steps.length - 1;
    slider.value = this.steps.indexOf(step);
    slider.setAttribute("aria-valuetext", `step ${step}`);
    text("outcome-step", `step ${integer(step)}${step === this.steps.at(-1) ? ", the newest" : ""}`);
    byId("classes-card").hidden = !outcome.classes;
    byId("sure-card").hidden = !outcome.calibration;
    byId("guesses-card").hidden = !outcome.guesses?.length;
    byId("texts-card").hidden = !outcome.texts?.length;
    if (outcome.classes) this.drawClasses(outcome.classes, cell);
    if (outcome.calibration) this.drawCalibration(outcome.calibration);
    if (outcome.guesses) this.drawGuesses(outcome);
    this.drawTexts(outcome.texts ?? []);
  }

  drawClasses(table, cell) {
    const all = table.list.reduce((sum, c) => sum + c.is, 0), right = table.list.reduce((sum, c) => sum + c.right, 0);
    text("classes-sub", table.counts ? `rows: what is; columns: what it is taken for. ${percent(right, all)} right` : `the worst of ${integer(table.of)} classes`);
    byId("matrix-box").hidden = !table.counts;
    if (table.counts && cell && cell.some((c) => c >= table.list.length)) cell = null;
    this.matrix.show(table, table.counts ? cell : null);
    const wrong = this.mistakes(table).slice(0, listed);
    byId("pairs-none").hidden = wrong.length > 0;
    keyed(byId("pairs"), wrong, (p) => `${p.is}-${p.taken}`, (p) => {
      const button = make("button", { type: "button", class: "small" });
      button.addEventListener("click", () => this.store.route.set({ cell: `${p.is}-${p.taken}` }));
      return make("li", {}, button);
    }, (li, p) => setText(li.firstChild, `${nameOf(table, p.is)} → ${nameOf(table, p.taken)}: ${integer(p.count)}`));
    keyed(byId("recalls"), [...table.list].sort((a, b) => recall(a) - recall(b)), (c) => c.class, () => make("tr", {}, make("td"), ...[1, 2, 3].map(() => make("td", { class: "num" }))),
      (row, c) => [c.name || String(c.class), integer(c.is), percent(c.right, c.is), percent(c.right, c.taken)].forEach((words, i) => setText(row.children[i], words)));
    this.drawPair(table, cell);
  }

  // mistakes are the pairs that are none of a class with itself; of tasks whose samples are not told one by one, by their counts.
  mistakes(table) {
    if (table.pairs?.length) return table.pairs.filter((p) => p.is !== p.taken);
    const list = (table.counts ?? []).flatMap((row, is) => row.map((count, taken) => ({ is, taken, count })));
    return list.filter((p) => p.is !== p.taken && p.count > 0).sort((a, b) => b.count - a.count);
  }

  // drawPair shows the samples of the pair that is chosen.
  drawPair(table, cell) {
    byId("pair").hidden = cell === null;
    if (cell === null) return;
    const [is, taken] = cell, pair = table.pairs?.find((p) => p.is === is && p.taken === taken);
    const count = pair?.count ?? table.counts?.[is]?.[taken] ?? 0, of = table.list.find((c) => c.class === is)?.is;
    text("pair-says", `${nameOf(table, is)} ${is === taken ? "recognized" : `taken for ${nameOf(table, taken)}`}: ${integer(count)}${of ? ` of ${integer(of)}` : ""}${pair?.samples.length ? "; the largest loss first" : ""}`);
    byId("pair-samples").replaceChildren(...(pair?.samples ?? []).map((i, k) => this.sample(i, `${pair.losses[k] === null ? "–" : likely(pair.losses[k])} for ${nameOf(table, is)}`)));
  }

  // sample is a sample of the held-out set with words beneath.
  sample(i, words, level = "") {
    const figure = make("figure", { class: "sample" });
    const src = this.pictures ? this.store.picture(i) : null;
    if (src) figure.append(make("img", { src, alt: `sample ${i}`, loading: "lazy", height: 96 }));
    figure.append(make("figcaption", { class: level, title: `sample ${i} of the held-out set` }, src ? words : `sample ${i}: ${words}`));
    return figure;
  }

  drawCalibration(c) {
    text("sure-sub", `expected calibration error ${errorText(c)}`);
    drawReliability(byId("sure"), c);
    byId("sure-table").replaceChildren(...reliabilityRows(c));
  }

  drawGuesses({ guesses, classes }) {
    text("guesses-sub", `${plural(guesses.length, "sample")} of the held-out set, the same at each evaluation`);
    byId("guesses").replaceChildren(...guesses.map((g) => {
      const right = g.is === g.taken, chance = g.loss === null ? "–" : likely(g.loss);
      const is = nameOf(classes, g.is);
      return this.sample(g.sample, right ? `${is} ✓ ${chance}` : `${is} ✕ ${nameOf(classes, g.taken)} (${chance})`, right ? "right" : "wrong");
    }));
  }

  drawTexts(texts) {
    byId("texts").replaceChildren(...texts.map((w) => make("figure", {}, make("figcaption", { class: "sub" }, `temperature ${w.temperature}`),
      make("pre", { tabindex: "0" }, make("b", {}, w.prompt), w.text))));
  }
}
