// The history of a run as the coordinator tells it: buckets of 2^k steps that know
// the smallest, the largest, the mean and the last value of each column, so that
// nothing is hidden at any zoom.

// Span is the buckets between two steps. It keeps what it has, and asks only for
// what has come since while the run goes on.
export class Span {
  constructor(get, columns = "") {
    this.get = get;
    this.columns = columns && `&columns=${columns}`;
    this.clear();
  }

  clear() {
    this.data = null;
    this.asked = this.stamp = "";
  }

  // ask brings the buckets up to date: of [from, to], or all for null, in so many
  // points at most. The stamp says what the history was when it was asked last.
  async ask(range, points, stamp, end) {
    const asked = `${range} ${points}`;
    if (asked === this.asked && stamp === this.stamp) return this.data;
    const follows = asked === this.asked && this.data?.steps.length > 0 && end >= this.data.end;
    if (!follows || !(await this.append(range, points, end))) {
      const limits = range ? `&from=${range[0]}&to=${range[1]}` : "";
      this.data = await this.get(`api/series?points=${points}${limits}${this.columns}`);
    }
    this.asked = asked;
    this.stamp = stamp;
    return this.data;
  }

  // append asks for the last bucket and those behind it; false when buckets would
  // be too many, or of another width.
  async append(range, points, end) {
    const d = this.data, last = d.steps.at(-1);
    if (range && range[1] <= last) return true; // no step that comes is in it
    const start = last - ((last - 1) % d.width);
    const more = Math.floor((end - start) / d.width) + 1;
    if (d.steps.length - 1 + more > points) return false;
    const tail = await this.get(`api/series?from=${start}&points=${more}${range ? `&to=${range[1]}` : ""}${this.columns}`);
    if (tail.width !== d.width || tail.end < last) return false;
    this.data = join(d, tail);
    return true;
  }
}

// join puts a tail, which begins with the last bucket, in place of that bucket.
function join(head, tail) {
  const put = (a, b) => [...a.slice(0, -1), ...b];
  const columns = {};
  for (const [name, c] of Object.entries(tail.columns)) {
    const old = head.columns[name];
    columns[name] = Object.fromEntries(Object.keys(c).map((of) => [of, put(old[of], c[of])]));
  }
  return { ...tail, from: head.from, steps: put(head.steps, tail.steps), seconds: put(head.seconds, tail.seconds), columns };
}
