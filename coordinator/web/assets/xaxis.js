// What the x axes of charts count: steps, epochs, samples, or the time of the run. Charts
// are told steps, and draw what these functions make of them.
import { count, duration, integer } from "./format.js";

// plain leaves out marks between two steps, as a chart of three steps has them.
const plain = (vs) => vs.map((v) => (v === null || Math.abs(v - Math.round(v)) > 1e-6 ? "" : v >= 10000 ? count(v).replace(/\.0+(?=\D|$)/, "") : integer(v)));

export const choices = [["step", "step"], ["epoch", "epochs"], ["sample", "samples"], ["time", "time"]];

// axisOf makes the axis of a choice for a history's steps and seconds.
export function axisOf(by, status, { steps, seconds }) {
  if (by === "epoch" && status.run.epoch_steps > 0) return { ...linear(1 / status.run.epoch_steps), ticks: (vs) => vs.map((v) => (v === null ? "" : String(Number(v.toPrecision(6))))) };
  if (by === "sample") return linear(Math.max(1, status.run.batch));
  if (by === "time" && steps.length > 1) return timed(steps, seconds);
  return linear(1);
}

const linear = (times) => ({ to: (step) => step * times, from: (x) => x / times, ticks: plain });

// timed puts a step between two others where it was by their times.
function timed(steps, seconds) {
  const between = (xs, ys, x) => {
    let low = 0, high = xs.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (xs[middle] <= x) low = middle;
      else high = middle;
    }
    const share = xs[high] > xs[low] ? (x - xs[low]) / (xs[high] - xs[low]) : 0;
    return ys[low] + share * (ys[high] - ys[low]);
  };
  return {
    to: (step) => Math.max(1e-3, between(steps, seconds, step)),
    from: (x) => between(seconds, steps, x),
    ticks: (vs) => vs.map((v) => (v === null ? "" : duration(v))),
  };
}
