// Colours of a character by what a cell holds. Each rule gives red, green and blue of 0 to 255.
const clamp = (x, low = 0, high = 1) => Math.min(high, Math.max(low, x));
const mix = (from, to, share) => from.map((v, i) => v + (to[i] - v) * clamp(share));

// rules: of tanh on the card's own colour (Karpathy et al. 2015), and those of two works on the sentiment neuron.
export const rules = {
  tanh: { words: "tanh: red −1, blue 1", colour: (v, card) => signed(Math.tanh(v), card) },
  nv: { words: "red −1, yellow 0, green 1", colour: (v) => (v < 0 ? mix([255, 255, 0], [255, 0, 0], -v) : mix([255, 255, 0], [0, 160, 0], v)) },
  gp: { words: "red low, blue high, by tanh 3v", colour: (v) => {
    const p = Math.tanh(3 * v) / 2 + 0.5, q = 1 - 1.3 * p;
    return [q, 1 - 1.3 * Math.abs(0.5 - p) + 0.3 * q, 1.3 * p - 0.3].map((x) => 255 * clamp(x));
  } },
};

// signed is the colour of a value from -1 to 1 on the card's own: red, nothing, blue.
export const signed = (v, card) => mix(card, v < 0 ? [214, 48, 39] : [49, 98, 201], Math.abs(v));

const light = (rgb) => rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);

// ink is black or white, whichever is read better on a colour.
export const ink = (rgb) => (light(rgb) > 0.179 ? "#000" : "#fff");

export const css = (rgb) => `rgb(${rgb.map((v) => Math.round(clamp(v, 0, 255))).join(" ")})`;

// parse reads a colour of a style: #rgb, #rrggbb or rgb().
export function parse(text) {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim())?.[1];
  if (!hex) return (text.match(/[\d.]+/g) ?? [255, 255, 255]).slice(0, 3).map(Number);
  const full = hex.length === 3 ? [...hex].map((c) => c + c).join("") : hex;
  return [0, 2, 4].map((i) => parseInt(full.slice(i, i + 2), 16));
}
