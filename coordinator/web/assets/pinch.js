// Two fingers move and widen a range: what was under each stays under it.

// pinch listens on an element. at(x) is the value at a distance from its left edge, on an axis on which pixels are even;
// show(low, high) is told the values that its edges should have. begin() is called when a second finger comes.
export function pinch(el, at, show, begin = () => {}) {
  const fingers = new Map();
  let held = null;
  el.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    fingers.set(event.pointerId, event.clientX);
    held = null;
    if (fingers.size !== 2) return;
    const left = el.getBoundingClientRect().left;
    held = new Map([...fingers].map(([id, x]) => [id, at(x - left)]));
    begin();
  });
  el.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, event.clientX);
    if (!held) return;
    const box = el.getBoundingClientRect(), [a, b] = [...held.keys()];
    const [x, y] = [a, b].map((id) => fingers.get(id) - box.left);
    if (Math.abs(y - x) < 8 || (held.get(b) - held.get(a)) * (y - x) <= 0) return; // fingers that have crossed say nothing
    const each = (held.get(b) - held.get(a)) / (y - x), low = held.get(a) - x * each;
    show(low, low + box.width * each);
  });
  for (const kind of ["pointerup", "pointercancel", "pointerleave"]) el.addEventListener(kind, (event) => {
    fingers.delete(event.pointerId);
    held = null;
  });
}
