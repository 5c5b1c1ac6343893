// What stands beside the points: choices, search, neighbours, axes.
import { make } from "./dom.js";

export const methods = { pca: "PCA", tsne: "t-SNE", umap: "UMAP" };
const metrics = { cosine: "cosine", euclidean: "Euclidean" };

// panel builds the view in el. Whatever is chosen goes to the address; home brings the camera back.
export function panel(el, route, home) {
  const choice = (legend, name, values) => make("fieldset", {}, make("legend", {}, legend), ...Object.entries(values).map(([value, words]) => {
    const input = make("input", { type: "radio", name: `points-${name}`, value });
    input.addEventListener("change", () => route.set({ [name]: value }));
    return make("label", {}, input, words);
  }));
  const field = (words, name, type = "text") => {
    const input = make("input", { type, id: `points-${name}`, autocomplete: "off" });
    input.addEventListener("input", () => route.set({ [name]: input.value }));
    return make("label", { class: "line" }, words, input);
  };
  const canvas = make("canvas", { class: "pointer", role: "img", "aria-label": "points", tabindex: "0" });
  const over = make("canvas", { class: "over", "aria-hidden": "true" });
  const stage = make("section", { class: "card stage", "aria-label": "Points" }, canvas, over, make("p", { class: "said sub", id: "points-said", role: "status" }, "loading"));
  const sphere = make("input", { type: "checkbox", id: "points-sphere" });
  sphere.addEventListener("change", () => route.set({ sphere: sphere.checked ? "1" : "0" }));
  const colour = make("select", { id: "points-colour" });
  colour.addEventListener("change", () => route.set({ colour: colour.value }));
  const reset = make("button", { type: "button" }, "Camera back");
  reset.addEventListener("click", home);
  const card = (id, words, ...children) => make("section", { class: "card", "aria-labelledby": id }, make("h2", { id }, words), ...children);
  el.append(make("div", { class: "points" }, stage, make("aside", {},
    card("h-layout", "Layout", choice("Method", "method", methods), choice("Dimensions", "dims", { 2: "2-D", 3: "3-D" }),
      make("label", {}, sphere, "sphereize"), make("p", { class: "sub", id: "points-figures" }), make("p", {}, reset)),
    card("h-colour", "Colour", make("label", { class: "line" }, "by", colour), make("div", { class: "keys", id: "points-keys" })),
    card("h-search", "Search", field("label has", "q", "search"), make("p", { class: "sub", id: "points-found" }), make("ol", { id: "points-hits" })),
    card("h-near", "True neighbours", choice("Metric", "metric", metrics), make("p", { class: "sub", id: "points-picked" }, "Click a point."), make("ol", { id: "points-near" })),
    card("h-axes", "Own axes", field("x from", "xfrom"), field("to", "xto"), field("y from", "yfrom"), field("to", "yto"),
      make("p", { class: "sub", id: "points-axes" }, "Parts of labels; the mean of all that have them.")))));
  return { canvas, over, stage };
}
