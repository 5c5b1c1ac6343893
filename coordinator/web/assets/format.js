// Numbers as people read them. Everything here is pure; what is missing, or
// not a number, becomes a dash.

export const none = "–";

const given = (x) => typeof x === "number" && Number.isFinite(x);

// digits gives three significant digits: 1.23, 12.3, 123.
function digits(x) {
  const a = Math.abs(x);
  return x.toFixed(a < 9.995 ? 2 : a < 99.95 ? 1 : 0);
}

// scaled divides x by base until it is below limit, and names the power.
function scaled(x, base, limit, names) {
  let i = 0;
  while (Math.abs(x) >= limit && i < names.length - 1) {
    x /= base;
    i++;
  }
  return [x, names[i], i];
}

// integer groups thousands: 1 234 567, with thin spaces that do not break.
export function integer(x) {
  return given(x) ? Math.round(x).toString().replace(/\B(?=(\d{3})+$)/g, "\u202f") : none;
}

// count shortens: 950, 12.3 k, 1.23 M.
export function count(x) {
  if (!given(x)) return none;
  if (Math.abs(x) >= 1e18) return exponent(x);
  const [v, name, i] = scaled(x, 1000, 999.5, ["", "k", "M", "G", "T", "P"]);
  if (i === 0) return Number.isInteger(x) ? String(x) : digits(x);
  return `${digits(v)} ${name}`;
}

// What the run predicts one of: "byte", or "image".
let sample = "byte";
export const setSample = (name) => { sample = name || "byte"; };
export const per = (what) => `${what}/${sample}`;
export const sampleWord = () => sample;

// A loss is told in bits, or as it is where the task's loss is no number of bits.
let plain = false;
export const setPlain = (is) => { plain = is === true; };
export const loss = (x) => (plain ? x.loss : x.bits_per_char);
export const lossWord = () => (plain ? "loss" : `bits per ${sample}`);
export const lossUnit = () => (plain ? "loss" : per("bits"));

export const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);

// measures says what an evaluation found: "96.25 % right · top-5 99.00 %".
export const measures = (list) => (list ?? []).map(measure).join(" · ");

// measureValue is a measure without its name: "96.25 %", "4.219 years".
export const measureValue = ({ value, unit }) => (unit === "share" ? share(value) : [given(value) ? String(Number(value.toPrecision(4))) : none, unit].filter(Boolean).join(" "));

export function measure({ name, value, unit }) {
  if (name === "accuracy") return `${share(value)} right`;
  if (unit === "share") return `${name} ${share(value)}`;
  return [name, given(value) ? String(Number(value.toPrecision(4))) : none, unit].filter(Boolean).join(" ");
}

export const rate = (x) => (given(x) ? `${count(x < 100 ? x : Math.round(x))} ${sample}/s` : none);

// bytes counts in powers of 1024.
export function bytes(x) {
  if (!given(x)) return none;
  const [v, name, i] = scaled(x, 1024, 999.5, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]);
  return i === 0 ? `${Math.round(v)} B` : `${digits(v)} ${name}`;
}

// duration names the two largest units: 2 m 10 s, 1 h 05 m, 3 d 4 h.
export function duration(seconds) {
  if (!given(seconds) || seconds < 0) return none;
  if (seconds > 0 && seconds < 0.9995) return millis(seconds);
  const two = (n) => String(n).padStart(2, "0");
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} m ${two(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${two(Math.floor(s / 60) % 60)} m`;
  return `${Math.floor(s / 86400)} d ${Math.floor(s / 3600) % 24} h`;
}

// millis is for parts of a step: 0.85 ms, 74.1 ms, 1.20 s.
export function millis(seconds) {
  if (!given(seconds)) return none;
  if (seconds === 0) return "0 ms";
  return Math.abs(seconds) < 0.9995 ? `${digits(seconds * 1000)} ms` : `${digits(seconds)} s`;
}

// ago is the age of a moment; clocks that differ a little do not make it negative.
export const ago = (seconds) => (given(seconds) ? `${duration(Math.max(0, Math.round(seconds)))} ago` : none);

// exponent is for what no other form can hold: 6.02e25, 1.5e-5.
const exponent = (x) => x.toExponential(2).replace(/\.?0+e/, "e").replace("e+", "e");

// bits has three decimals, and digits that say something for losses near zero
// and for those that have gone astray.
export function bits(x) {
  if (!given(x)) return none;
  const a = Math.abs(x);
  if (a >= 1e5 || (a > 0 && a < 1e-4)) return exponent(x);
  return a > 0 && a < 0.0995 ? String(Number(x.toPrecision(3))) : x.toFixed(a < 1000 ? 3 : 1);
}

// ticks writes the values of an axis with as many decimals as their distance
// asks for.
export function ticks(values, distance) {
  const most = Math.max(...values.map(Math.abs));
  if (most >= 1e5 || distance < 1e-6) return values.map((v) => (v === 0 ? "0" : exponent(v)));
  let decimals = 0;
  while (decimals < 7 && Math.abs(distance * 10 ** decimals - Math.round(distance * 10 ** decimals)) > 1e-6) decimals++;
  return values.map((v) => v.toFixed(decimals));
}

// share is a percentage: 97.25 %.
export const share = (x) => (given(x) ? `${(100 * x).toFixed(2)} %` : none);

export const percent = (part, whole) => (given(part) && whole > 0 ? `${Math.floor((100 * part) / whole)} %` : none);

// small is for learning rates and norms, which span decades.
export function small(x) {
  if (!given(x)) return none;
  if (x === 0) return "0";
  const a = Math.abs(x);
  if (a < 1e-4 || a >= 1e5) return exponent(x);
  return String(Number(x.toPrecision(3)));
}

export const short = (digest) => (digest ? digest.slice(0, 12) : none);

// seconds since a time in RFC 3339, by the clock that wrote now; null for none.
// Go's zero time, year 1, is none.
export function since(time, now) {
  const a = Date.parse(time), b = Date.parse(now);
  return a > 0 && b > 0 ? (b - a) / 1000 : null;
}

// clock is the local time of day.
export function clock(time) {
  const t = new Date(time);
  if (!(t.getTime() > 0)) return none;
  return [t.getHours(), t.getMinutes(), t.getSeconds()].map((n) => String(n).padStart(2, "0")).join(":");
}

// moment is the local date and time of day.
export function moment(time) {
  const t = new Date(time);
  if (!(t.getTime() > 0)) return none;
  return `${t.getFullYear()}-${String(t.getMonth() + 1).padStart(2, "0")}-${String(t.getDate()).padStart(2, "0")} ${clock(time)}`;
}

export const plural = (n, one, many = `${one}s`) => `${integer(n)} ${n === 1 ? one : many}`;
