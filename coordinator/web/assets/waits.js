// Who waits for whom: what each worker does at this moment.
import { byId, keyed, make, setText, text } from "./dom.js";
import { colourOf } from "./workers.js";

export function drawWaits(s) {
  const workers = (s.workers ?? []).map((w, index) => ({ w, index })).filter(({ w }) => w.doing);
  text("waits-why", s.why || (workers.length ? "Steps come as usual." : "Nobody is in the ring."));
  byId("waits").hidden = workers.length === 0;
  keyed(byId("waits"), workers, ({ w }) => w.name, () => make("li", {}, make("strong"), make("span")), (li, { w, index }) => {
    li.style.setProperty("--worker", colourOf(index));
    li.classList.toggle("held", w.doing.startsWith("waits for"));
    setText(li.firstChild, w.name);
    setText(li.lastChild, ` ${w.doing}`);
  });
}
