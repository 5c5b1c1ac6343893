// Characters of a text are chosen by a press, and ranges of it drawn: by the mouse, or by a finger that rests before it moves. One
// that moves at once scrolls.
const rest = 350; // milliseconds
const slack = 10; // pixels that a finger moves while it rests

// drawRanges listens on a board whose characters have data-i. choose(i) is told a character, range(from, to) characters from to to-1,
// draw(from, to) those of a range that is being drawn, drop() that it comes to nothing, hover(i) what a mouse is over, rests() that a
// finger has rested.
export function drawRanges(board, { choose, range, draw, drop, hover, rests }) {
  let down = -1, last = -1, start = null, drawing = false, timer = 0;
  const under = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest?.("[data-i]");
  // What a finger touches first stays the target of its events.
  const at = (event) => {
    const node = (event.pointerType === "touch" ? null : event.target.closest?.("[data-i]")) ?? under(event);
    if (!node && drawing && document.elementFromPoint(event.clientX, event.clientY) === board) return last; // between words
    return last = Number(node?.dataset.i ?? -1);
  };
  const end = () => {
    clearTimeout(timer);
    board.dataset.drawing = "";
    [down, drawing] = [-1, false];
  };
  const stop = () => {
    if (drawing) drop();
    end();
  };
  board.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary && event.pointerType === "touch") return stop(); // two fingers zoom
    end();
    down = at(event);
    start = event;
    drawing = event.pointerType !== "touch";
    if (drawing || down < 0) return;
    timer = setTimeout(() => {
      drawing = true;
      board.dataset.drawing = "finger";
      draw(down, down + 1);
      rests();
    }, rest);
  });
  board.addEventListener("pointermove", (event) => {
    if (down < 0) return event.pointerType === "touch" ? undefined : hover(at(event));
    if (!drawing) return Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > slack ? end() : undefined;
    const to = at(event);
    if (to >= 0 && (to !== down || event.pointerType === "touch")) draw(Math.min(down, to), Math.max(down, to) + 1);
  });
  board.addEventListener("pointerup", (event) => {
    const [from, to, drew] = [down, at(event), drawing];
    if (drew && (from < 0 || to < 0)) drop();
    end();
    if (from < 0 || to < 0) return;
    getSelection()?.removeAllRanges();
    if (from === to) {
      drop();
      choose(to);
    } else if (drew) range(Math.min(from, to), Math.max(from, to) + 1);
  });
  board.addEventListener("pointercancel", stop);
  board.addEventListener("touchmove", (event) => { if (drawing) event.preventDefault(); }, { passive: false });
  board.addEventListener("contextmenu", (event) => { if (board.dataset.drawing) event.preventDefault(); });
}
