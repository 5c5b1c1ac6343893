// Who waits for whom: what each worker does at this moment, those that wait
// longest first, and what has become of the ring.
import { aboutRing } from "./happened.js";
import { byId, keyed, make, setText, text } from "./dom.js";
import { clock, duration, integer } from "./format.js";
import { colourOf, heard } from "./workers.js";

const long = 1; // seconds of waiting that are worth a colour: each step has shorter ones

// held says that a worker has waited for long.
export const isHeld = (w) => w.waits?.seconds >= long;

// nobody says why no worker tells what it does.
function nobody(s) {
  const silent = (s.workers ?? []).length > 0 && !s.workers.some(heard);
  return silent ? "Only the page of a run that goes on tells this: its directory does not keep it." : "Nobody tells what it does.";
}

export function drawWaits(s) {
  const workers = (s.workers ?? []).map((w, index) => ({ w, index })).filter(({ w }) => w.doing);
  const held = workers.filter(({ w }) => isHeld(w));
  const stands = (s.alarms ?? []).some((a) => a.kind === "stalled");
  text("waits-why", s.why || (s.alarms ?? []).find((a) => a.kind === "stalled")?.what || (workers.length ? "Steps come as usual." : nobody(s)));
  byId("waits").hidden = workers.length === 0;
  const list = [...workers].sort((a, b) => (b.w.waits?.seconds ?? -1) - (a.w.waits?.seconds ?? -1));
  keyed(byId("waits"), list, ({ w }) => w.name, () => make("li", {}, make("strong"), make("span")), (li, { w, index }) => {
    li.style.setProperty("--worker", colourOf(index));
    const cause = held.some((h) => h.w.waits.on === w.name) && !w.waits;
    li.classList.toggle("held", isHeld(w));
    li.classList.toggle("cause", cause);
    li.classList.toggle("bad", cause && (stands || Boolean(w.slow)));
    setText(li.firstChild, w.name);
    setText(li.lastChild, ` ${w.waits ? `waits for ${w.waits.on} in ${w.waits.in} of step ${integer(w.waits.step)} for ${duration(w.waits.seconds)}` : w.doing}`);
  });
}

// drawViews lists the views of the ring and the leaders that there were.
export function drawViews(s) {
  const list = (s.events ?? []).filter(aboutRing).slice(-50).reverse();
  byId("views-card").hidden = list.length === 0;
  keyed(byId("ring-views"), list, (e) => JSON.stringify(e), (e) => make("li", {},
    make("time", { datetime: e.at }, clock(e.at)),
    make("div", {}, make("p", {}, e.what), make("p", { class: "sub" }, [e.step ? `step ${integer(e.step)}` : "", e.reason ?? ""].filter(Boolean).join(" · ")))), () => {});
}
