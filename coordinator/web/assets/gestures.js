// What pointer, wheel and keys do to the points: turn, move, zoom, show and pick.

// listen calls hoverAt, pickAt, move, zoom and home of a view. options are those of addEventListener.
export function listen(canvas, view, options) {
  let drag = null;
  canvas.addEventListener("pointerdown", (event) => {
    drag = { x: event.clientX, y: event.clientY, far: 0 };
    canvas.setPointerCapture(event.pointerId);
  }, options);
  canvas.addEventListener("pointermove", (event) => {
    if (!drag) return view.hoverAt(event);
    const dx = event.clientX - drag.x, dy = event.clientY - drag.y;
    drag = { x: event.clientX, y: event.clientY, far: drag.far + Math.abs(dx) + Math.abs(dy) };
    view.move(dx, dy, event.shiftKey);
  }, options);
  canvas.addEventListener("pointerup", (event) => {
    if (drag && drag.far < 5) view.pickAt(event);
    drag = null;
  }, options);
  canvas.addEventListener("pointercancel", () => { drag = null; }, options);
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
