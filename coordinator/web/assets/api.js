// Asks the coordinator for what is new, each second, and backs off when it
// does not answer.

const every = 1000; // ms between two rounds
const seldom = 10000; // ms between two rounds of a page that nobody sees
const longest = 15000; // ms between two attempts when nobody answers
const patience = 10000; // ms for one answer
// The coordinator leaves when each open page, by its name, has the end of the run.
const headers = { "Rondo-Page": Math.random().toString(36).slice(2) };

export const isOver = (phase) => ["finished", "stopped", "failed"].includes(phase);

async function get(path) {
  const response = await fetch(path, { cache: "no-store", headers, signal: AbortSignal.timeout(patience) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${response.statusText}`);
  return response.json();
}

// delayAfter is the pause before attempt n+1 when n in a row have failed.
export const delayAfter = (failures) => (failures === 0 ? every : Math.min(longest, every * 2 ** (failures - 1)));

// History keeps the points that have come so far.
export class History {
  constructor(limit = 12000) {
    this.limit = limit;
    this.clear();
  }

  clear() {
    this.points = [];
    this.next = 0;
  }

  // add takes an answer to since=this.next; false if the history went back, so
  // that all must be asked again.
  add(curve) {
    if (curve.next < this.next) {
      this.clear();
      return false;
    }
    const last = this.points.at(-1)?.step ?? -1;
    for (const p of curve.points ?? []) if (p.step > last) this.points.push(p);
    this.next = curve.next;
    if (this.points.length > this.limit) this.thin();
    return true;
  }

  // thin drops every other point of the older half.
  thin() {
    const half = this.points.length >> 1;
    this.points = this.points.filter((_, i) => i >= half || i % 2 === 0);
  }
}

// Store is what the page knows: the newest answers, and what the reader chose.
export class Store {
  constructor(route) {
    this.route = route;
    this.status = null;
    this.points = [];
    this.answered = null; // when the coordinator answered last
  }

  get(path) {
    return get(path);
  }
}

// watch calls onData() after each good round, when the store has what came, and
// onFailure(error, since, delay) after each failed one. A page that is hidden
// asks for the status alone, and seldom. A run that began again, or went back to an
// earlier step, is asked for anew. It returns a function that tries at once.
export function watch(store, onData, onFailure) {
  const history = new History();
  let run = null, step = 0, failures = 0, timer = 0, busy = false;

  async function fetchRound() {
    const status = await get("api/status");
    if (status.run.id !== run || status.step < step) history.clear();
    run = status.run.id;
    step = status.step;
    if (!document.hidden || isOver(status.phase)) await fetchCurve(status);
    store.status = status;
    store.points = history.points;
    store.answered = new Date();
  }

  async function fetchCurve(status) {
    try {
      if (!history.add(await get(`api/curve?since=${history.next}`))) history.add(await get("api/curve?since=0"));
    } catch (error) { // a coordinator that leaves may be gone by now: the end counts
      if (!isOver(status.phase)) throw error;
    }
  }

  async function round() {
    if (busy) return;
    busy = true;
    clearTimeout(timer);
    try {
      await fetchRound();
      failures = 0;
      onData();
    } catch (error) {
      failures++;
      onFailure(error, store.answered, delayAfter(failures));
    }
    busy = false;
    timer = setTimeout(round, document.hidden ? seldom : delayAfter(failures));
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden) round(); });
  addEventListener("online", round);
  round();
  return round;
}
