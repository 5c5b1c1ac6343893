// What pointer, wheel and keys do to the points: turn, move, zoom, show and pick.

// listen calls hoverAt, pickAt, move, zoom and home of a view. options are those of addEventListener.
export function listen(canvas, view, options) {
  const fingers = new Map(); // that press, and where
  let far = 0; // how many pixels they have moved; two or more pick nothing
  canvas.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    far = fingers.size > 1 ? Infinity : 0;
    canvas.setPointerCapture(event.pointerId);
  }, options);
  canvas.addEventListener("pointermove", (event) => {
    const from = fingers.get(event.pointerId), to = { x: event.clientX, y: event.clientY };
    if (!from) return fingers.size ? undefined : view.hoverAt(event);
    const [, other] = [...fingers].find(([id]) => id !== event.pointerId) ?? [];
    fingers.set(event.pointerId, to);
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    far += Math.abs(dx) + Math.abs(dy);
    if (other) { // two zoom by the distance between them, and move what is seen by their middle
      const [was, is] = [from, to].map((at) => Math.hypot(at.x - other.x, at.y - other.y));
      if (was > 8 && is > 8) view.zoom(is / was);
    }
    view.move(dx / fingers.size, dy / fingers.size, event.shiftKey || Boolean(other));
  }, options);
  canvas.addEventListener("pointerup", (event) => {
    if (fingers.delete(event.pointerId) && far < 5) view.pickAt(event);
  }, options);
  canvas.addEventListener("pointercancel", (event) => fingers.delete(event.pointerId), options);
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    view.zoom(Math.exp(-event.deltaY / 500));
  }, { ...options, passive: false });
  canvas.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-20, 0], ArrowRight: [20, 0], ArrowUp: [0, -20], ArrowDown: [0, 20] }[event.key];
    if (way) view.move(...way, event.shiftKey);
    else if (event.key === "+" || event.key === "=") view.zoom(1.25);
    else if (event.key === "-") view.zoom(0.8);
    else if (event.key === "0") view.home();
    else return;
    event.preventDefault();
  }, options);
}
