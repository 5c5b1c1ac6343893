// What a report has in it in a coordinator's stead: it answers as one would, as far as
// was kept. On a page that a coordinator serves there is none.
import { HeldCells } from "./heldcells.js";

// numbers reads what was written as the base64 of little-endian bytes, which is the order of every machine that has a browser.
function numbers(text, Type) {
  const packed = atob(text), bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i++) bytes[i] = packed.charCodeAt(i);
  return new Type(bytes.buffer);
}

const none = (v) => (Number.isFinite(v) ? v : null);

// Pyramid is a history of buckets of one width, which it joins to wider ones. A column is read when it is first asked for.
export class Pyramid {
  constructor({ end, width, started, steps, seconds, columns }) {
    Object.assign(this, { end, width, started, packed: columns, columns: {}, steps: numbers(steps, Float64Array), seconds: numbers(seconds, Float64Array) });
  }

  column(name) {
    return this.columns[name] ??= this.read(this.packed[name]);
  }

  read(c) {
    const bad = new Float64Array(this.steps.length);
    for (let i = 0; i < c.bad.length; i += 2) bad[c.bad[i]] = c.bad[i + 1];
    return { ...Object.fromEntries(["min", "max", "mean", "last"].map((of) => [of, numbers(c[of], Float32Array)])), bad };
  }

  // first is the number of the first bucket that ends at a step or behind it.
  first(step) {
    let low = 0, high = this.steps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.steps[middle] < step) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  // series answers as a coordinator does. The mean of joined buckets weighs each by
  // its steps.
  series({ from = 1, to = 0, points = 1000, columns = null }) {
    from = Math.max(1, from);
    to = to > 0 ? Math.min(to, this.end) : this.end;
    let width = from > to ? 1 : this.width;
    const bucket = (step) => Math.floor((step - 1) / width);
    while (bucket(to) - bucket(from) + 1 > points) width *= 2;
    const ends = []; // where a group of buckets ends; the first begins at start
    const start = this.first(bucket(from) * width + 1);
    for (let i = start; from <= to && i < this.steps.length && bucket(this.steps[i]) <= bucket(to); i++) {
      if (ends.length && bucket(this.steps[i]) === bucket(this.steps[i - 1])) ends[ends.length - 1] = i + 1;
      else ends.push(i + 1);
    }
    const of = Object.keys(this.packed).filter((name) => !columns || columns.includes(name));
    return {
      from, to, end: this.end, width, started: this.started, steps: ends.map((end) => this.steps[end - 1]), seconds: ends.map((end) => this.seconds[end - 1]),
      columns: Object.fromEntries(of.map((name) => [name, this.join(this.column(name), start, ends)])),
    };
  }

  join(c, start, ends) {
    const out = { min: [], max: [], mean: [], last: [], bad: [] };
    let i = start;
    for (const end of ends) {
      let min = Infinity, max = -Infinity, sum = 0, count = 0, bad = 0;
      for (; i < end; i++) {
        if (c.min[i] < min && Number.isFinite(c.min[i])) min = c.min[i];
        if (c.max[i] > max && Number.isFinite(c.max[i])) max = c.max[i];
        bad += c.bad[i];
        if (!Number.isFinite(c.mean[i])) continue;
        const weight = this.steps[i] - Math.floor((this.steps[i] - 1) / this.width) * this.width;
        sum += weight * c.mean[i];
        count += weight;
      }
      out.min.push(none(min));
      out.max.push(none(max));
      out.mean.push(none(sum / count));
      out.last.push(none(c.last[end - 1]));
      out.bad.push(bad);
    }
    return out;
  }
}

// asked is a question as it is kept.
function asked(name, fields) {
  const parts = Object.entries(fields).filter(([, v]) => v !== null && v !== undefined && v !== "").map(([k, v]) => `${k}=${v}`).sort();
  return [name, ...parts].join("&");
}

// nearest is the k neighbours of a point out of those of all: their numbers, and behind these how far they are.
function nearest(bytes, k, point) {
  const all = bytes.length / 6, of = (list) => [...list.subarray(point * k, point * k + k)];
  return { index: of(new Uint16Array(bytes.buffer, 0, all)), distance: of(new Float32Array(bytes.slice(2 * all).buffer)) };
}

class Kept {
  constructor({ made, runs, same, status, series, layers, outcomes, falls, looks }) {
    Object.assign(this, { made, runs, same, status, kept: series, layers, outcomes, falls, looks, pyramids: new Map(), held: new Map() });
  }

  pyramid(name) {
    if (!this.pyramids.has(name)) this.pyramids.set(name, new Pyramid(this.kept[name]));
    return this.pyramids.get(name);
  }

  // answer is what a coordinator would say; what nobody kept is missing.
  answer(path) {
    const [what, query = ""] = path.split("?", 2), q = new URLSearchParams(query);
    const number = (name) => (q.has(name) ? Number(q.get(name)) : undefined);
    const name = q.get("run") ?? this.runs.runs[0].name, base = q.get("base") ?? this.runs.base;
    if (this.status[name] && this.same[base]) {
      if (what === "api/status") return this.status[name];
      if (what === "api/runs") return { ...this.runs, base, same: this.same[base] };
      if (what === "api/series") return this.pyramid(name).series({ from: number("from"), to: number("to"), points: number("points"), columns: q.get("columns")?.split(",") });
      const more = this.answerLayers(what, name, q) ?? this.answerOutcome(what, name, number("step")) ?? this.answerFall(what, name, number("step"));
      if (more) return more;
    }
    throw Object.assign(new Error(`${path} is not in the report`), { missing: true });
  }

  answerLayers(what, name, q) {
    const of = this.layers[name], layer = q.get("layer");
    if (!of) return null;
    if (what === "api/network") return of.network;
    if (what !== "api/health") return null;
    const nothing = { steps: [], columns: {}, output: [], parameters: {}, gates: {}, by_step: [] }; // there was no room
    return layer === null ? of.health : of.past[layer] ?? { ...of.health.layers.find((l) => l.name === layer), ...nothing };
  }

  answerOutcome(what, name, step) {
    const of = this.outcomes[name];
    if (what !== "api/outcome" || !of) return null;
    return { steps: of.steps, pictures: Object.keys(of.pictures).length > 0, outcome: of.list[step ? of.steps.indexOf(step) : of.list.length - 1] ?? null };
  }

  answerFall(what, name, step) {
    const of = this.falls[name];
    if (what !== "api/waterfall" || !of) return null;
    return { steps: of.steps, workers: of.list[step ? of.steps.indexOf(step) : of.list.length - 1] ?? [] };
  }

  // look is what was answered to a question of the view Look inside, as one who is asked by fetch answers.
  look(run, name, fields) {
    const of = this.looks[run ?? this.runs.runs[0].name] ?? {}, found = of[asked(name, fields)];
    const facts = found?.facts ?? this.ofHeld(of, name, fields);
    if (!facts) throw new Error("this is not in the report: the page of the run itself can be asked for it");
    const bytes = found?.picture && Uint8Array.from(atob(found.picture), (c) => c.charCodeAt(0));
    return { json: async () => facts, blob: async () => new Blob([bytes], { type: "image/png" }), headers: { get: () => JSON.stringify(facts) } };
  }

  // ofHeld answers about cells of a text, or channels over it, by what many of them hold.
  ofHeld(of, name, { a, b, cell, channel, ...text }) {
    const facts = of[asked("held", text)]?.facts;
    if (!facts) return null;
    if (!this.held.has(facts)) this.held.set(facts, new HeldCells(facts));
    const held = this.held.get(facts);
    if (name === "cells") return held.rank(a, b, cell ?? -1);
    const values = held.numbers(name === "track" ? channel : cell);
    return values && { layer: held.state, channel, values };
  }

  // points is what was answered to a question about points, as one who is asked by fetch answers.
  points(path) {
    const [what, query = ""] = path.split("?", 2), q = new URLSearchParams(query), name = what.slice("api/".length);
    const looks = this.looks[q.get("run") ?? this.runs.runs[0].name] ?? {}, of = q.get("of") ?? looks.projector?.facts.chosen.of;
    const fields = { of, method: q.get("method"), dims: q.get("dims"), metric: q.get("metric") };
    const found = q.get("sphere") === "1" ? null : looks[asked(name, fields)];
    if (!found) throw new Error("this is not in the report: the page of the run itself can be asked for it");
    const bytes = Uint8Array.from(atob(found.picture ?? ""), (c) => c.charCodeAt(0));
    const facts = name === "projector/near" ? nearest(bytes, found.facts.k, Number(q.get("point"))) : found.facts;
    return { status: 200, json: async () => facts, arrayBuffer: async () => bytes.buffer, headers: { get: () => JSON.stringify(facts) } };
  }

  // picture is a sample of a run's held-out set as an address; null: it is not in the report.
  picture(run, sample) {
    const png = this.outcomes[run ?? this.runs.runs[0].name]?.pictures[sample];
    return png ? `data:image/png;base64,${png}` : null;
  }
}

const text = document.getElementById("kept")?.textContent;
export const kept = text ? new Kept(JSON.parse(text)) : null;
