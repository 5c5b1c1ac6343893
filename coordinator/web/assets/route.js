// What is shown is in the address: #run?x=1000-5000&smooth=.6&at=4200 is a view
// and its settings. An address that is kept or sent shows the same.

// parse reads a hash; what it cannot read it leaves out.
export function parse(hash) {
  const [view, query = ""] = hash.replace(/^#/, "").split("?", 2);
  const settings = new Map();
  for (const part of query.split("&")) {
    const [name, value] = part.split("=", 2);
    if (!name || value === undefined) continue;
    try {
      settings.set(name, decodeURIComponent(value));
    } catch { /* no text in UTF-8 */ }
  }
  return { view, settings };
}

export function format(view, settings) {
  const query = [...settings].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  return query ? `#${view}?${query}` : `#${view}`;
}

// span reads "1000-5000"; null for what is none.
export function span(text) {
  const parts = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? "");
  if (!parts) return null;
  const [from, to] = [Number(parts[1]), Number(parts[2])];
  return from < to ? [from, to] : null;
}

export class Route {
  constructor() {
    this.listeners = [];
    this.read();
    addEventListener("hashchange", () => {
      this.read();
      this.tell();
    });
  }

  read() {
    Object.assign(this, parse(location.hash));
  }

  onChange(listener) {
    this.listeners.push(listener);
  }

  tell() {
    for (const listener of this.listeners) listener();
  }

  get(name) {
    return this.settings.get(name) ?? null;
  }

  // set changes settings, {x: "1-5", at: null}; null takes one away. The address
  // follows, and the way back leads to the view before, not to each step of a drag.
  set(changes) {
    let changed = false;
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === "") changed = this.settings.delete(name) || changed;
      else if (this.settings.get(name) !== String(value)) {
        this.settings.set(name, String(value));
        changed = true;
      }
    }
    if (!changed) return;
    history.replaceState(null, "", format(this.view, this.settings));
    this.tell();
  }

  // at is the step that is looked at; null for none.
  get at() {
    const at = Number(this.get("at") ?? NaN);
    return Number.isSafeInteger(at) && at >= 0 ? at : null;
  }

  // x is the range of steps that is looked at; null for all.
  get x() {
    return span(this.get("x"));
  }

  setX(range) {
    this.set({ x: range && `${Math.max(0, Math.floor(range[0]))}-${Math.max(1, Math.ceil(range[1]))}` });
  }
}
