// From where points are looked at: turned by yaw and pitch, moved by x and y, zoomed.

// home looks at all points.
const home = (dims) => (dims === 3 ? { yaw: 0.5, pitch: 0.35, zoom: 0.8, x: 0, y: 0 } : { yaw: 0, pitch: 0, zoom: 1, x: 0, y: 0 });

// parse reads what text wrote into the address; anything else is home.
export function parse(words, dims) {
  const all = words.split(",").map(Number);
  if (all.length !== 5 || !all.every(Number.isFinite)) return home(dims);
  const [yaw, pitch, zoom, x, y] = all;
  return { yaw, pitch, zoom, x, y };
}

export const text = ({ yaw, pitch, zoom, x, y }) => [yaw, pitch, zoom, x, y].map((v) => v.toFixed(3)).join(",");

// turn looks from another side; dx and dy are pixels.
export function turn(camera, dx, dy) {
  camera.yaw += dx / 150;
  camera.pitch = Math.max(-1.57, Math.min(1.57, camera.pitch - dy / 150));
}

// shift moves what is seen on a stage so many pixels wide and high.
export function shift(camera, dx, dy, width, height) {
  const unit = 0.45 * camera.zoom * Math.min(width, height);
  camera.x += dx / unit;
  camera.y -= dy / unit;
}

export function zoom(camera, by) {
  camera.zoom = Math.max(0.2, Math.min(500, camera.zoom * by));
}
