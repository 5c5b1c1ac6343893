// What a reader chooses of the charts. All of it is in the address.
import { byId, keyed, make, setText } from "./dom.js";
import { integer, plural } from "./format.js";
import { choices } from "./xaxis.js";
import { widthOf } from "./charts.js";

const usual = 0.6; // smoothing

const number = (text) => (text !== null && text !== "" && Number.isFinite(Number(text)) ? Number(text) : null);

// chosen reads the settings.
export function chosen(route) {
  const smooth = number(route.get("smooth"));
  return {
    range: route.x, at: route.at, by: route.get("by") ?? "step", smooth: smooth === null ? usual : Math.min(1, Math.max(0, smooth)),
    logX: route.get("xlog") === "1", logY: route.get("y") === "log", clip: route.get("clip") !== "0",
    limits: [number(route.get("low")), number(route.get("high"))],
  };
}

// Controls is the form; it writes the address, and shows what that says.
export class Controls {
  constructor(form, route) {
    Object.assign(this, { form, route });
    keyed(form.elements.by, choices, ([value]) => value, ([value, name]) => make("option", { value }, name), () => {});
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => this.read(event.target));
    form.addEventListener("change", (event) => this.read(event.target));
    form.querySelector("[data-reset]").addEventListener("click", () => route.set(Object.fromEntries(["x", "smooth", "by", "xlog", "y", "clip", "low", "high", "at"].map((name) => [name, null]))));
  }

  read({ name, value, checked }) {
    const { route, form } = this;
    switch (name) {
      case "smooth": return route.set({ smooth: Number(value) === usual ? null : value });
      case "by": return route.set({ by: value === "step" ? null : value });
      case "xlog": return route.set({ xlog: checked ? "1" : null });
      case "ylog": return route.set({ y: checked ? "log" : null });
      case "clip": return route.set({ clip: checked ? null : "0" });
      case "low": case "high": return route.set({ [name]: number(value) === null ? null : value });
      case "from": case "to": return this.readRange(number(form.elements.from.value), number(form.elements.to.value));
    }
  }

  readRange(from, to) {
    if (from === null && to === null) this.route.set({ x: null });
    else if (from === null || to === null) return;
    else if (from >= 0 && from < to) this.route.setX([from, to]);
  }

  // show writes what the address says, but not where somebody is writing. epochs says whether steps can be counted in them.
  show(data, epochs) {
    const { form, route } = this, now = chosen(route);
    const put = (name, value) => { if (document.activeElement !== form.elements[name]) form.elements[name].value = value; };
    put("smooth", now.smooth);
    form.elements.by.querySelector("[value=epoch]").hidden = !epochs;
    put("by", now.by === "epoch" && !epochs ? "step" : now.by);
    if (![form.elements.from, form.elements.to].includes(document.activeElement)) { // one limit alone is not in the address yet
      put("from", now.range?.[0] ?? "");
      put("to", now.range?.[1] ?? "");
    }
    put("low", route.get("low") ?? "");
    put("high", route.get("high") ?? "");
    form.elements.xlog.checked = now.logX;
    form.elements.ylog.checked = now.logY;
    form.elements.clip.checked = now.clip;
    if (!data) return;
    const width = 2 * Math.floor(widthOf(now.smooth, data.steps.length) / 2) + 1;
    setText(byId("smooth-says"), now.smooth > 0 ? `mean of ${plural(width * data.width, "step")}` : "none");
    setText(byId("bucket-says"), data.width > 1 ? `a point is ${integer(data.width)} steps: band from lowest to highest, line the last` : "each step is a point");
  }
}
