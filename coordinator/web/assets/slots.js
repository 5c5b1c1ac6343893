// Places of the view Look inside that each show the answer to one question.
import { setText } from "./dom.js";

export class Slots {
  constructor(look) {
    Object.assign(this, { look, drawn: new Map() });
  }

  get(slot) {
    return this.drawn.get(slot);
  }

  delete(slot) {
    this.drawn.delete(slot);
  }

  // draw asks once for a picture, or for facts, and says below it what went wrong.
  async draw(slot, name, fields, show, { facts = false } = {}) {
    const wanted = JSON.stringify([this.look.about.digest, this.look.about.step, fields]);
    if (this.drawn.get(slot)?.wanted === wanted) return;
    const mine = { wanted, show, tiles: null };
    this.drawn.set(slot, mine);
    const says = document.getElementById(`look-${slot}-says`);
    const late = setTimeout(() => says && setText(says, "computing"), 400);
    try {
      const tiles = facts ? await (await this.look.ask(slot, name, fields)).json() : await this.look.tiles(slot, name, fields);
      if (this.drawn.get(slot) !== mine) return;
      mine.tiles = tiles;
      if (says) setText(says, "");
      show(tiles);
    } catch (error) {
      if (error.name !== "AbortError" && this.drawn.get(slot) === mine && says) setText(says, error.message);
    } finally {
      clearTimeout(late);
    }
  }
}
