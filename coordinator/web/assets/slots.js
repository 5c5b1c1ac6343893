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

  // draw asks once for a picture, or for facts, and says below it what it waits for and what went wrong; then fail clears what
  // is there of another question. What may go well later is asked again by whoever draws the slot again.
  async draw(slot, name, fields, show, { facts = false, fail = () => {} } = {}) {
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
      const tiles = facts ? await (await this.look.ask(slot, name, fields, tell)).json() : await this.look.tiles(slot, name, fields, tell);
      if (this.drawn.get(slot) !== mine) return;
      mine.tiles = tiles;
      if (says) setText(says, "");
      show(tiles);
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
