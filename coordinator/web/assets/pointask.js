// Questions about points, whose answers may take minutes.
import { kept } from "./kept.js";

export class Questions {
  // say tells how far an answer is; busy, whether one is waited for.
  constructor(signal, say, busy) {
    Object.assign(this, { signal, say, busy, waiting: null });
  }

  async ask(path) {
    if (kept) return kept.points(path);
    const answer = await fetch(path, { signal: this.signal });
    if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? `${path}: ${answer.status}`);
    return answer;
  }

  // wait asks until what is asked for has been made, or is no longer wanted: null.
  async wait(path, what, wanted) {
    const mine = this.waiting = { query: path.slice(path.indexOf("?")) };
    const given = () => this.waiting !== mine || !wanted();
    try {
      for (let pause = 100; ; pause = Math.min(1000, pause * 1.5)) {
        const answer = await this.ask(path);
        if (given()) return null;
        if (answer.status !== 202) return answer;
        const { done, all } = await answer.json();
        this.busy(true);
        this.say(all ? `${what}: ${Math.floor(100 * done / all)} %` : `${what}: begins`);
        await new Promise((ok) => setTimeout(ok, pause));
        if (given()) return null;
      }
    } finally {
      if (this.waiting === mine) {
        this.waiting = null;
        this.busy(false);
      }
    }
  }

  // halt ends what is waited for.
  halt() {
    const { waiting } = this;
    if (!waiting) return;
    this.waiting = null;
    this.busy(false);
    if (!kept) fetch(`api/projector/stop${waiting.query}`).catch(() => {}); // it has gone
  }
}
