// The cells, or channels, that stand out in a range of a text, and where else in it the one that is shown is on.
import { byId, keyed, make, setText } from "./dom.js";
import { small } from "./format.js";

const howToDraw = (symbols) => `Draw over ${symbols}, with a finger that rests first; or hold Shift and move.`;

const entry = (act) => {
  const node = make("button", { type: "button" }, make("span"), make("span", { class: "sub" }));
  node.addEventListener("click", () => act(node.parentElement.item));
  return make("li", {}, node);
};

// listRanks lists what is answered about a range, of which number is shown; null: of none. cell and symbols are
// what they are called, excerpt says a part of the text; choose is told a cell, and go a place.
export function listRanks(t, { cell, symbols, number, excerpt, choose, go }) {
  const some = t?.kept < t?.of ? `, of the ${t.kept} of ${t.of} ${cell}s that change most over this text` : "";
  setText(byId("look-cells-says"), t ? `${t.state} in ${symbols} ${t.from} to ${t.to - 1}; deviations apart from the rest${some}` : howToDraw(symbols));
  setText(byId("look-places-says"), t ? `${cell} ${t.cell.cell} is so in ${t.all} more ${t.all === 1 ? "place" : "places"}` : "");
  keyed(byId("look-cells"), t?.cells ?? [], (c) => c.cell, () => entry((c) => choose(c.cell)), (li, c) => {
    li.item = c;
    setText(li.firstChild.firstChild, `${cell} ${c.cell}`);
    setText(li.firstChild.lastChild, `${c.score.toFixed(2)} · there ${small(c.inside)}, else ${small(c.outside)}`);
    li.firstChild.setAttribute("aria-pressed", String(c.cell === number));
  });
  keyed(byId("look-places"), t?.places ?? [], (p) => p.from, () => entry(go), (li, p) => {
    li.item = p;
    setText(li.firstChild.firstChild, excerpt(p.from, Math.min(p.to, p.from + 40)));
    setText(li.firstChild.lastChild, `${p.from}–${p.to - 1} · ${small(p.mean)}`);
  });
}

// listFound lists places of the data where the one that is shown is on; null: of none. pieces says the symbols of a place, of which some
// stand before it and some behind, between what stands between two of them, at where a place is, and open is told one.
export function listFound(t, { pieces, between = "", at, open }) {
  keyed(byId("look-found"), t?.places ?? [], (p) => `${p.at} ${p.from}`, () => {
    const node = make("button", { type: "button" }, make("span", {}, make("span"), make("b"), make("span")), make("span", { class: "sub" }));
    node.addEventListener("click", () => open(node.parentElement.item));
    return make("li", {}, node);
  }, (li, p) => {
    li.item = p;
    const list = pieces(p), words = (from, to) => list.slice(from, to).join(between);
    const [before, within, behind] = li.firstChild.firstChild.children, end = p.skip + p.to - p.from;
    setText(before, words(0, p.skip) + (p.skip > 0 ? between : ""));
    setText(within, words(p.skip, end));
    setText(behind, (end < list.length ? between : "") + words(end, list.length));
    setText(li.firstChild.lastChild, `${at(p)} · ${small(p.mean)}`);
  });
}

// reach is the range [a, b) that Shift and an arrow make: from the end of the old one at which nobody is, or from where one was, to at.
export function reach(a, b, chosen, at) {
  const from = a >= 0 && b > a && (chosen === b - 1 || chosen === a) ? (chosen === a ? b - 1 : a) : Math.max(0, chosen);
  return { a: Math.min(from, at), b: Math.max(from, at) + 1 };
}
