// Colours of points by a column of what is known of them.

const mostKinds = 20; // that have a colour each
const soft = [140, 147, 160];

// colouring gives each point [red, green, blue, 255], and says what the colours mean: [words, colour] each.
// A few different values have a colour each; many numbers lie on a ramp; of many others the most frequent have one.
export function colouring(values, count, style) {
  if (!values) return { tints: Array(count).fill([...rgb(style.getPropertyValue("--accent").trim()), 255]), keys: [] };
  const counts = new Map();
  for (const v of values) counts.set(v, (counts.get(v) ?? 0) + 1);
  const numbers = values.map((v) => (v.trim() === "" ? NaN : Number(v)));
  if (counts.size > mostKinds && numbers.every(Number.isFinite)) return ramp(numbers);
  let kinds = [...counts.keys()];
  if (kinds.length > mostKinds) kinds = kinds.sort((a, b) => counts.get(b) - counts.get(a)).slice(0, mostKinds);
  kinds.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const colours = new Map(kinds.map((k, i) => [k, [...wheel(i / kinds.length), 255]]));
  const keys = kinds.map((k) => [k, css(colours.get(k))]);
  if (counts.size > kinds.length) keys.push(["others", css(soft)]);
  return { tints: values.map((v) => colours.get(v) ?? [...soft, 255]), keys };
}

function ramp(numbers) {
  let [low, high] = [Infinity, -Infinity];
  for (const v of numbers) [low, high] = [Math.min(low, v), Math.max(high, v)];
  const at = (share) => [59 + 170 * share, 108 - 10 * share, 220 - 180 * share].map(Math.round);
  return { tints: numbers.map((v) => [...at((v - low) / (high - low || 1)), 255]), keys: [[String(low), css(at(0))], [String(high), css(at(1))]] };
}

// wheel is a colour of full strength and middle lightness, by its place on the wheel.
function wheel(share) {
  return [0, 8, 4].map((n) => {
    const k = (n + 12 * share) % 12;
    return Math.round(255 * (0.52 - 0.33 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  });
}

function rgb(hex) {
  const digits = hex.length === 4 ? hex.slice(1).replace(/./g, "$&$&") : hex.slice(1);
  return [0, 2, 4].map((i) => parseInt(digits.slice(i, i + 2), 16));
}

const css = ([r, g, b]) => `rgb(${r}, ${g}, ${b})`;
