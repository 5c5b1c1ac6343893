// What happened in a run, as marks beside its steps.
import { clock, integer, loss, bits, measures } from "./format.js";

const most = 400; // marks of one sort; of more, the newest

// kinds of marks, the gravest last: it is drawn above the others.
export const kinds = { evaluation: "evaluations", checkpoint: "checkpoints", view: "views of the ring", warn: "warnings", error: "lost workers and errors" };

// marks lists what a status tells of: {step, kind, what}.
export function marks(s) {
  const list = [];
  for (const e of (s.evaluations ?? []).slice(-most)) list.push({ step: e.step, kind: "evaluation", what: `evaluated: ${e.measures?.length ? measures(e.measures) : bits(loss(e))}` });
  for (const c of (s.checkpoints ?? []).slice(-most)) list.push({ step: c.step, kind: "checkpoint", what: `checkpoint, ${clock(c.at)}` });
  for (const e of s.events ?? []) {
    const kind = kindOf(e);
    if (kind && e.step > 0) list.push({ step: e.step, kind, what: [e.what, e.reason].filter(Boolean).join(": ") });
  }
  const rank = Object.keys(kinds);
  return list.sort((a, b) => rank.indexOf(a.kind) - rank.indexOf(b.kind));
}

// kindOf tells which events are worth a mark.
export function kindOf(e) {
  if (e.level === "error" || /\b(is lost|was lost)\b/.test(e.what)) return "error";
  if (e.level === "warn") return "warn";
  return aboutRing(e) ? "view" : null;
}

// aboutRing tells events of the ring, and of who leads, from others.
export const aboutRing = (e) => /\b(the ring|view \d+|leads|took the run over)\b/.test(e.what);

const apart = 8; // pixels between two marks of a kind

// thinned leaves out marks that are close to one of their kind, so that many do not
// become a solid line. place tells the pixel of a mark.
export function thinned(list, place) {
  const last = new Map();
  return list.filter((m) => {
    const x = place(m);
    if (Math.abs(x - last.get(m.kind)) < apart) return false;
    last.set(m.kind, x);
    return true;
  });
}

// near lists the marks within some steps of one, nearest first.
export function near(list, step, reach) {
  return list.filter((m) => Math.abs(m.step - step) <= reach).sort((a, b) => Math.abs(a.step - step) - Math.abs(b.step - step));
}

export const say = (m) => `step ${integer(m.step)}: ${m.what}`;
