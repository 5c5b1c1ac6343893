// Words on a canvas over the points.

const mostWords = 80; // that are written on the picture

// write puts words beside the points that are marked, or beside all where there are few.
// place tells the pixel of a point, label its words; rings go round those in ringed.
// before draws what lies below them.
export function write(over, stage, { marked, ringed, count, place, label, before }) {
  const unit = devicePixelRatio, style = getComputedStyle(stage), ctx = over.getContext("2d");
  [over.width, over.height] = [stage.clientWidth * unit, stage.clientHeight * unit];
  ctx.scale(unit, unit);
  before(ctx);
  ctx.font = "12px system-ui, sans-serif";
  ctx.lineJoin = "round";
  ctx.lineWidth = 3;
  const all = new Set(marked.length > 1 || count > mostWords ? marked : [...marked, ...Array(count).keys()]);
  let left = mostWords;
  for (const i of all) {
    if (left-- === 0) break;
    const [x, y] = place(i);
    if (ringed.includes(i)) {
      ctx.strokeStyle = style.getPropertyValue("--text");
      ctx.lineWidth = 2;
      ctx.beginPath();
      ctx.arc(x, y, 8, 0, 7);
      ctx.stroke();
      ctx.lineWidth = 3;
    }
    ctx.strokeStyle = style.getPropertyValue("--card");
    ctx.strokeText(label(i), x + 8, y - 4);
    ctx.fillStyle = style.getPropertyValue("--text");
    ctx.fillText(label(i), x + 8, y - 4);
  }
}
