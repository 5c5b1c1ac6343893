// What stands beside the points: choices, search, neighbours, axes, files.
import { byId, make, setText } from "./dom.js";
import { openBookmarks, openLabels, saveBookmark, toBookmark } from "./pointkept.js";
import { methods } from "./pointfiles.js";

const { custom, ...computed } = methods; // custom is of others' bookmarks alone
const metrics = { cosine: "cosine", euclidean: "Euclidean" };

// panel builds the view in el. Whatever is chosen goes to the address; view is told of the rest.
export function panel(el, route, view) {
  const choice = (legend, name, values) => make("fieldset", {}, make("legend", {}, legend), ...Object.entries(values).map(([value, words]) => {
    const input = make("input", { type: "radio", name: `points-${name}`, value });
    input.addEventListener("change", () => route.set({ [name]: value, bookmark: null }));
    return make("label", {}, input, words);
  }));
  const field = (words, name, type = "text") => {
    const input = make("input", { type, id: `points-${name}`, autocomplete: "off" });
    input.addEventListener("input", () => route.set({ [name]: input.value }));
    return make("label", { class: "line" }, words, input);
  };
  const select = (words, id, change) => {
    const node = make("select", { id: `points-${id}` });
    node.addEventListener("change", () => change(node.value));
    return make("label", { class: "line", id: `points-${id}-line` }, words, node);
  };
  const button = (words, id, click) => {
    const node = make("button", { type: "button", id: `points-${id}` }, words);
    node.addEventListener("click", click);
    return node;
  };
  const box = (words, id, change) => {
    const input = make("input", { type: "checkbox", id: `points-${id}` });
    input.addEventListener("change", () => change(input.checked));
    return make("label", { id: `points-${id}-line` }, input, words);
  };
  const file = (words, id, accept, take) => {
    const input = make("input", { type: "file", id: `points-${id}`, accept, class: "hidden", tabindex: "-1", "aria-hidden": "true" });
    input.addEventListener("change", async () => {
      const [chosen] = input.files;
      if (chosen) take(await chosen.text());
      input.value = "";
    });
    return [input, button(words, `${id}-open`, () => input.click())];
  };
  const canvas = make("canvas", { class: "pointer", role: "img", "aria-label": "points", tabindex: "0" });
  const over = make("canvas", { class: "over", "aria-hidden": "true" });
  const stop = button("Stop", "stop", () => view.stop());
  stop.hidden = true;
  const stage = make("section", { class: "card stage", "aria-label": "Points" }, canvas, over,
    make("p", { class: "said" }, make("span", { class: "sub", id: "points-said", role: "status" }, "loading"), stop));
  const step = make("input", { type: "range", id: "points-step", min: "0", "aria-label": "Checkpoint" });
  step.addEventListener("input", () => view.nameStep(Number(step.value)));
  step.addEventListener("change", () => view.toStep(Number(step.value)));
  const card = (id, words, ...children) => make("section", { class: "card", "aria-labelledby": id }, make("h2", { id }, words), ...children);
  const which = card("h-which", "Points", select("run", "run", (v) => route.set({ run: v, "set-step": null, beside: null, set: null })),
    select("are", "of", (v) => route.set({ set: v, pick: null })),
    make("label", { class: "line", id: "points-step-line" }, make("output", { id: "points-step-name" }), step),
    box("keep the axes", "beside", (on) => view.keepAxes(on)));
  which.id = "points-which";
  el.append(make("div", { class: "points" }, stage, make("aside", {}, which,
    card("h-layout", "Layout", choice("Method", "method", computed), choice("Dimensions", "dims", { 2: "2-D", 3: "3-D" }),
      make("p", {}, box("sphereize", "sphere", (on) => route.set({ sphere: on ? "1" : "0", bookmark: null }))),
      make("p", { class: "sub", id: "points-figures" }), make("p", {}, button("Camera back", "home", () => view.home()))),
    card("h-colour", "Colour", select("by", "colour", (v) => route.set({ tint: v })), make("p", {}, box("pictures", "pictures", (on) => route.set({ pictures: on ? "1" : null }))),
      make("div", { class: "keys", id: "points-keys" })),
    card("h-search", "Search", field("label has", "q", "search"), make("p", { class: "sub", id: "points-found" }), make("ol", { id: "points-hits" })),
    card("h-near", "True neighbours", choice("Metric", "metric", metrics), make("p", { class: "sub", id: "points-picked" }, "Click a point."), make("ol", { id: "points-near" })),
    card("h-axes", "Own axes", field("x from", "xfrom"), field("to", "xto"), field("y from", "yfrom"), field("to", "yto"),
      make("p", { class: "sub", id: "points-axes" }, "Parts of labels; the mean of all that have them.")),
    card("h-files", "Files", select("bookmark", "bookmark", (v) => toBookmark(view, v)),
      make("p", { class: "sub" }, "As TensorBoard's projector has them; they stay in this browser."),
      make("p", { class: "buttons" }, button("Save bookmark", "save", () => saveBookmark(view)), ...file("Open bookmarks", "bookmarks", ".txt,.json", (text) => openBookmarks(view, text)),
        ...file("Open labels", "labels", ".tsv,.txt", (text) => openLabels(view, text)))))));
  return { canvas, over, stage };
}

// options fills a choice; one that leaves no choice is hidden.
export function options(id, list, chosen) {
  const node = byId(`points-${id}`);
  const stamp = JSON.stringify(list);
  if (node.dataset.list !== stamp) {
    node.replaceChildren(...list.map(([value, words]) => make("option", { value }, words)));
    node.dataset.list = stamp;
  }
  node.value = chosen;
  byId(`points-${id}-line`).hidden = list.length < 2;
}

// steps shows which checkpoint is chosen of those that there are, and on whose axes it lies.
export function steps(list, chosen, beside) {
  const slider = byId("points-step"), at = Math.max(0, list.indexOf(chosen));
  slider.max = String(Math.max(0, list.length - 1));
  if (document.activeElement !== slider) slider.value = String(at);
  setText(byId("points-step-name"), list.length ? `step ${list[at]}` : "");
  for (const id of ["step", "beside"]) byId(`points-${id}-line`).hidden = list.length < 2;
  byId("points-beside").checked = beside > 0;
  setText(byId("points-beside-line").lastChild, beside > 0 ? `keep the axes of step ${beside}` : "keep the axes");
}
