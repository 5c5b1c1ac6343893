// Asks the coordinator for what is new, each second, and backs off when it
// does not answer.
import { setPlain, setSample } from "./format.js";
import { kept } from "./kept.js";
import { Span } from "./series.js";

const every = 1000; // ms between two rounds
const seldom = 10000; // ms between two rounds of a page that nobody sees
const longest = 15000; // ms between two attempts when nobody answers
const patience = 10000; // ms for one answer
// The coordinator leaves when each open page, by its name, has the end of the run.
const headers = { "Rondo-Page": Math.random().toString(36).slice(2) };

const railPoints = 600; // of the whole run
const mostEvents = 300, mostEvaluations = 1000; // as the coordinator keeps

export const isOver = (phase) => ["finished", "stopped", "failed"].includes(phase);

async function get(path) {
  if (kept) return kept.answer(path);
  const response = await fetch(path, { cache: "no-store", headers, signal: AbortSignal.timeout(patience) });
  if (!response.ok) throw Object.assign(new Error(`${path}: ${response.status} ${response.statusText}`), { missing: response.status === 404 });
  return response.json();
}

// delayAfter is the pause before attempt n+1 when n in a row have failed.
export const delayAfter = (failures) => (failures === 0 ? every : Math.min(longest, every * 2 ** (failures - 1)));

// Store is what the page knows: the newest answers, and what the reader chose.
export class Store {
  constructor(route) {
    this.route = route;
    this.status = null;
    this.name = null; // of the run that the status is of, where there are several
    this.answered = null; // when the coordinator answered last
    const ofRun = (path) => get(this.ofRun(path));
    this.whole = new Span(ofRun, "loss"); // of the time rail
    this.span = new Span(ofRun); // of the steps in view
    this.points = 0; // that the view shown can use; 0: it shows no history
  }

  get(path) {
    return get(path);
  }

  // ofRun asks for the run that the address names, of several.
  ofRun(path) {
    const name = this.route.get("run");
    return name === null ? path : `${path}${path.includes("?") ? "&" : "?"}run=${encodeURIComponent(name)}`;
  }

  // picture is the address of a sample of the held-out set; null: there is none.
  picture(sample) {
    return kept ? kept.picture(this.route.get("run"), sample) : this.ofRun(`api/pictures?samples=${sample}`);
  }

  // want says how many points of the steps in view the view that is shown can use.
  want(points) {
    this.points = points;
    this.refresh();
  }

  // take keeps a status, in whose words everything is drawn from now on. Events
  // and evaluations come once.
  take(status, name) {
    const old = this.status, other = name !== this.name;
    this.name = name;
    if (old && (other || status.run.id !== old.run.id || status.step < old.step)) {
      this.whole.clear();
      this.span.clear();
    }
    if (old && status.whole === false) {
      status.events = [...old.events, ...status.events].slice(-mostEvents);
      status.evaluations = [...old.evaluations, ...status.evaluations].slice(-mostEvaluations);
    }
    setSample(status.run.sample);
    setPlain(status.run.plain_loss);
    this.status = status;
    this.answered = kept ? null : new Date();
  }

  // fetchSeries brings the history up to date: of the steps in view first, for
  // with them the coordinator takes its end as told.
  async fetchSeries() {
    const { status } = this;
    const stamp = [status.run.id, status.step, status.phase, status.generation, status.next].join(" ");
    if (this.points > 0) await this.span.ask(this.route.x, this.points, stamp, status.step);
    await this.whole.ask(null, railPoints, stamp, status.step);
  }
}

// watch calls onData() after each good round, when the store has what came, and
// onFailure(error, since, delay) after each failed one. A page that is hidden
// asks for the status alone, and seldom. A run that began again, or went back to an
// earlier step, is asked for anew. It returns a function that tries at once.
export function watch(store, onData, onFailure) {
  let failures = 0, timer = 0, busy = false, again = false;

  async function fetchRound() {
    const name = store.route.get("run");
    try {
      store.take(await get(store.ofRun(`api/status?since=${name === store.name ? store.status?.next ?? 0 : 0}`)), name);
    } catch (error) {
      if (name === null || !error.missing) throw error;
      store.route.set({ run: null }); // an address of other runs
      return fetchRound();
    }
    if (document.hidden && !isOver(store.status.phase)) return;
    try {
      await store.fetchSeries();
    } catch (error) { // a coordinator that leaves may be gone by now: the end counts
      if (!isOver(store.status.phase)) throw error;
    }
  }

  // attempt does one thing at a time, and lets its failure be told.
  async function attempt(what) {
    if (busy) {
      again = true; // what is asked for has changed meanwhile
      return;
    }
    busy = true;
    try {
      await what();
      failures = 0;
      onData();
      while (again) {
        again = false;
        await (store.route.get("run") === store.name ? store.fetchSeries() : fetchRound());
        onData();
      }
    } catch (error) {
      failures++;
      onFailure(error, store.answered, delayAfter(failures));
    }
    busy = false;
  }

  async function round() {
    clearTimeout(timer);
    await attempt(fetchRound);
    clearTimeout(timer);
    if (!kept) timer = setTimeout(round, document.hidden ? seldom : delayAfter(failures));
  }

  store.refresh = () => {
    if (!store.status) return;
    if (store.route.get("run") === store.name) attempt(() => store.fetchSeries());
    else round();
  };
  store.route.onChange(store.refresh);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) round(); });
  addEventListener("online", round);
  round();
  return round;
}
