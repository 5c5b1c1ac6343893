// What a report has in it in a coordinator's stead: it answers as one would, as far as
// was kept. On a page that a coordinator serves there is none.

// numbers reads what was written as the base64 of little-endian bytes.
function numbers(text, Type) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer), size = Type.BYTES_PER_ELEMENT, read = size === 8 ? "getFloat64" : "getFloat32";
  return Array.from({ length: bytes.length / size }, (_, i) => view[read](i * size, true));
}

// Pyramid is a history of buckets of one width, which it joins to wider ones.
export class Pyramid {
  constructor({ end, width, started, steps, seconds, columns }) {
    Object.assign(this, { end, width, started, steps: numbers(steps, Float64Array), seconds: numbers(seconds, Float64Array) });
    this.columns = Object.fromEntries(Object.entries(columns).map(([name, c]) => {
      const bad = Array(this.steps.length).fill(0);
      for (let i = 0; i < c.bad.length; i += 2) bad[c.bad[i]] = c.bad[i + 1];
      return [name, { ...Object.fromEntries(["min", "max", "mean", "last"].map((of) => [of, numbers(c[of], Float32Array)])), bad }];
    }));
  }

  // series answers as a coordinator does. The mean of joined buckets weighs each by
  // its steps.
  series({ from = 1, to = 0, points = 1000, columns = null }) {
    from = Math.max(1, from);
    to = to > 0 ? Math.min(to, this.end) : this.end;
    let width = from > to ? 1 : this.width;
    const bucket = (step) => Math.floor((step - 1) / width);
    while (bucket(to) - bucket(from) + 1 > points) width *= 2;
    const groups = [];
    let number = null;
    for (let i = 0; i < this.steps.length; i++) {
      const b = bucket(this.steps[i]);
      if (from > to || b < bucket(from) || b > bucket(to)) continue;
      if (b !== number) groups.push([]);
      number = b;
      groups.at(-1).push(i);
    }
    const of = Object.entries(this.columns).filter(([name]) => !columns || columns.includes(name));
    return {
      from, to, end: this.end, width, started: this.started, steps: groups.map((g) => this.steps[g.at(-1)]), seconds: groups.map((g) => this.seconds[g.at(-1)]),
      columns: Object.fromEntries(of.map(([name, c]) => [name, this.join(c, groups)])),
    };
  }

  join(c, groups) {
    const finite = (ys, g) => g.map((i) => ys[i]).filter(Number.isFinite);
    const none = (v) => (Number.isFinite(v) ? v : null);
    const weight = (i) => this.steps[i] - Math.floor((this.steps[i] - 1) / this.width) * this.width;
    const mean = (g) => {
      let sum = 0, count = 0;
      for (const i of g) {
        if (!Number.isFinite(c.mean[i])) continue;
        sum += weight(i) * c.mean[i];
        count += weight(i);
      }
      return sum / count;
    };
    return {
      min: groups.map((g) => none(Math.min(...finite(c.min, g)))), max: groups.map((g) => none(Math.max(...finite(c.max, g)))),
      mean: groups.map((g) => none(mean(g))), last: groups.map((g) => none(c.last[g.at(-1)])),
      bad: groups.map((g) => g.reduce((n, i) => n + c.bad[i], 0)),
    };
  }
}

class Kept {
  constructor({ made, runs, same, status, series }) {
    Object.assign(this, { made, runs, same, status, kept: series, pyramids: new Map() });
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
    }
    throw Object.assign(new Error(`${path} is not in the report`), { missing: true });
  }
}

const text = document.getElementById("kept")?.textContent;
export const kept = text ? new Kept(JSON.parse(text)) : null;
