// Places of the view Look inside that each show the answer to one question.
import { setText } from "./dom.js";

export class Slots {
  constructor(look) {
    Object.assign(this, { look, drawn: new Map() });
  }

  get(slot) {
    return this.drawn.get(slot);
  }

  // delete forgets a question, also one that is not answered yet.
  delete(slot) {
    if (!this.drawn.delete(slot)) return;
    this.look.halt(slot);
    const says = document.getElementById(`look-${slot}-says`);
    if (says) setText(says, "");
  }

  // release has nothing asked again.
  release() {
    this.drawn.clear();
  }

  // draw asks once for a picture, or for facts, and says below it what it waits for and what went wrong; then fail clears what
  // is there of another question. What may go well later is asked again by whoever draws the slot again. While there is more to
  // come of an answer, and somebody sees the page, it is asked again.
  async draw(slot, name, fields, show, { facts = false, fail = () => {}, more = () => false } = {}) {
    const wanted = JSON.stringify([this.look.about.digest, this.look.about.step, fields]);
    if (this.drawn.get(slot)?.wanted === wanted) return;
    const mine = { wanted, show, tiles: null };
    this.drawn.set(slot, mine);
    const says = document.getElementById(`look-${slot}-says`);
    const late = setTimeout(() => tell("computing"), 400);
    const tell = (words) => {
      clearTimeout(late);
      if (says && this.drawn.get(slot) === mine) setText(says, words);
    };
    try {
      for (let told = tell; ; told = () => {}) { // what is there says that more is to come
        const tiles = facts ? await (await this.look.ask(slot, name, fields, told)).json() : await this.look.tiles(slot, name, fields, told);
        clearTimeout(late);
        if (this.drawn.get(slot) !== mine) return;
        mine.tiles = tiles;
        if (says) setText(says, "");
        show(tiles);
        if (!more(tiles)) return;
        while (document.hidden) await new Promise((seen) => document.addEventListener("visibilitychange", seen, { once: true }));
        if (this.drawn.get(slot) !== mine) return;
      }
    } catch (error) {
      if (error.name === "AbortError" || this.drawn.get(slot) !== mine) return;
      tell(error.message);
      fail();
      if (error.passes) this.drawn.delete(slot);
    } finally {
      clearTimeout(late);
    }
  }
}
