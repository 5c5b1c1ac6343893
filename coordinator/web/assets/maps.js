// Look inside a network that reads pictures: filters, feature maps and what channels see.
import { keyed, make, setText } from "./dom.js";
import { small } from "./format.js";
import { kept } from "./kept.js";
import { Slots } from "./slots.js";
import { TileSheet } from "./tilesheet.js";

const channelsAtOnce = 4; // in the list of strongest patches
const largest = 4 << 20; // bytes of a picture that is sent
const passings = { deconv: "deconvolutional network", guided: "guided gradient", gradient: "gradient × value" };

const card = (id, words, ...children) => make("section", { class: "card", "aria-labelledby": id }, make("h2", { id }, words), ...children);
const canvas = (label, more = {}) => make("canvas", { role: "img", "aria-label": label, width: "1", height: "1", ...more });
const percent = (p) => `${(100 * p).toFixed(1)} %`;

export class Pictures {
  constructor(el, look) {
    Object.assign(this, { el, look, route: look.route, drawn: new Slots(look), pointed: null, facts: null, first: 0 });
    this.build();
    this.watching = new ResizeObserver(() => this.resize());
    this.watching.observe(el);
  }

  build() {
    const field = (words, node) => make("label", {}, words, node);
    const select = (name, all) => {
      const node = make("select", {}, ...Object.entries(all).map(([value, says]) => make("option", { value }, says)));
      node.addEventListener("change", () => this.route.set({ [name]: node.value, channel: null, y: null, x: null }));
      return node;
    };
    const button = (words, act, label = words) => {
      const node = make("button", { type: "button", class: "small", "aria-label": label }, words);
      node.addEventListener("click", act);
      return node;
    };
    this.sample = make("input", { type: "number", min: "0", id: "look-sample" });
    this.sample.addEventListener("change", () => this.route.set({ sample: this.sample.value || null, picture: null }));
    this.file = make("input", { type: "file", accept: "image/png,image/jpeg", id: "look-file" });
    this.file.addEventListener("click", () => { this.file.value = ""; }); // the same one can be chosen again
    this.file.addEventListener("change", () => this.send(this.file.files[0]));
    this.layer = make("select", { id: "look-layer" });
    this.layer.addEventListener("change", () => this.route.set({ layer: this.layer.value, channel: null, y: null, x: null, first: null }));
    this.conv = make("select", { id: "look-conv" });
    this.conv.addEventListener("change", () => this.route.set({ conv: this.conv.value }));
    this.passing = select("passing", passings);
    this.passing.id = "look-passing";
    this.said = (id, text = "") => make("p", { class: "sub", id, role: "status" }, text);
    this.input = new TileSheet(canvas("the picture", { id: "look-input" }));
    this.back = new TileSheet(canvas("what of the picture matters", { id: "look-back" }));
    this.maps = new TileSheet(canvas("feature maps; arrow keys move the chosen unit, comma and full stop the channel", { id: "look-maps", tabindex: "0" }),
      { hover: (...at) => this.point(...at), choose: (channel, y, x) => { if (!kept) this.route.set(this.unitOf(channel, y, x)); } });
    this.maps.canvas.addEventListener("keydown", (event) => this.key(event));
    this.kernels = new TileSheet(canvas("filters", { id: "look-kernels" }));
    this.rows = make("div", { class: "look-rows", id: "look-rows" });
    const step = (by) => () => this.route.set({ sample: Math.min(Math.max(0, Number(this.look.setting("sample", 0)) + by), Math.max(0, this.look.about.samples - 1)), picture: null });
    this.page = (by) => this.route.set({ first: Math.max(0, this.first + by * channelsAtOnce) });
    this.el.append(make("div", { class: "look-pictures" },
      make("div", { class: "column" },
        card("h-look-input", "Picture",
          make("div", { class: "look-tools" }, field("sample", this.sample), button("‹", step(-1), "sample before"), button("›", step(1), "next sample"), ...(kept ? [] : [field("or a file", this.file)])),
          make("div", { class: "look-pair" }, make("figure", {}, this.input.canvas, make("figcaption", { class: "sub", id: "look-class" })),
            make("figure", { id: "look-unit", hidden: "" }, this.back.canvas, make("figcaption", { class: "sub", id: "look-value" }))),
          this.said("look-unit-says"), make("ul", { class: "look-taken", id: "look-taken" }), this.said("look-input-says")),
        card("h-look-kernels", "Filters", make("div", { class: "look-tools" }, field("of", this.conv)), make("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "h-look-kernels" }, this.kernels.canvas), this.said("look-kernels-says"))),
      make("div", { class: "column" },
        card("h-look-maps", "Feature maps", make("div", { class: "look-tools" }, field("layer", this.layer), ...(kept ? [] : [field("project by", this.passing)])),
          make("div", { class: "look-maps" }, this.maps.canvas), this.said("look-maps-says")),
        card("h-look-rows", "What channels see", make("div", { class: "look-tools" }, ...(kept ? [] : [button("‹", () => this.page(-1), "channels before"), button("›", () => this.page(1), "next channels")]),
          make("span", { class: "sub", id: "look-channels" })), this.rows, this.said("look-rows-says")))));
  }

  // follow asks for what the address says, if it is another than what is drawn.
  follow() {
    const { look } = this, { about } = look;
    const options = (node, names) => {
      if (node.dataset.of === names.join()) return;
      node.replaceChildren(...names.map((name) => make("option", { value: name }, name)));
      node.dataset.of = names.join();
    };
    const layers = about.layers ?? []; // a report may have the filters alone
    options(this.layer, layers.map((l) => l.name));
    options(this.conv, about.convolutions?.map((c) => c.name) ?? []);
    this.conv.value = look.setting("conv", this.conv.options[0]?.value ?? "");
    if (this.conv.value) this.drawn.draw("kernels", "filters", { layer: this.conv.value }, (t) => this.drawKernels(t));
    const usual = layers.find((l) => l.image && /relu|pool|act/.test(l.name)) ?? layers.find((l) => l.image) ?? layers[0];
    const layer = layers.find((l) => l.name === look.setting("layer", usual?.name)) ?? usual;
    if (!layer) {
      setText(document.getElementById("look-maps-says"), about.missing ?? "The report has no room for them.");
      return;
    }
    this.of = layer;
    this.layer.value = layer.name;
    this.passing.value = look.setting("passing", "deconv");
    if (document.activeElement !== this.sample) this.sample.value = look.setting("picture", "") ? "" : look.setting("sample", "0");
    this.sample.max = String(Math.max(0, about.samples - 1));
    const seen = { sample: look.setting("picture", "") ? null : look.setting("sample", "0"), picture: look.setting("picture", null) };
    this.first = Math.min(Math.max(0, Math.trunc(Number(look.setting("first", 0))) || 0), layer.channels - 1);
    const to = Math.min(this.first + channelsAtOnce, layer.channels) - 1;
    this.drawn.draw("input", "input", seen, (t) => this.drawInput(t));
    this.drawn.draw("maps", "maps", { ...seen, layer: layer.name }, (t) => this.drawMaps(t));
    this.drawUnit(seen, layer);
    setText(document.getElementById("look-channels"), `${layer.name}, channels ${this.first} to ${to} of ${layer.channels}`);
    this.drawn.draw("rows", "patches", { layer: layer.name, channels: `${this.first}-${to}`, passing: this.passing.value }, (t) => this.drawRows(t, layer, to), { more: (t) => !kept && t.facts.more });
  }

  drawInput(t) {
    this.input.show(t, 224, { wide: 224 });
    this.input.canvas.setAttribute("aria-label", ["the picture", ...(t.facts.taken?.length ? [`taken for ${t.facts.taken[0].class}`] : [])].join(", "));
    setText(document.getElementById("look-class"), [t.facts.class === undefined ? "" : `class ${t.facts.class}`, `${t.facts.height}×${t.facts.width}`].filter(Boolean).join(" · "));
    keyed(document.getElementById("look-taken"), t.facts.taken ?? [], (g) => g.class, () => make("li", {}, make("span"), make("meter", { min: "0", max: "1" }), make("span", { class: "num" })), (li, g) => {
      setText(li.children[0], g.class);
      li.children[1].value = g.p;
      li.children[1].setAttribute("aria-label", `taken for ${g.class}`);
      setText(li.children[2], percent(g.p));
    });
    this.frame();
  }

  drawMaps(t) {
    this.facts = t.facts;
    const wide = Math.max(160, this.maps.canvas.parentElement.clientWidth);
    this.maps.show(t, t.facts.image ? Math.max(56, Math.min(112, t.facts.width)) : wide, { wide });
    setText(document.getElementById("look-maps-says"), this.words());
    this.frame();
  }

  words() {
    const { facts } = this, [low, high] = facts.span;
    const more = facts.image && facts.channels > facts.tiles ? `, the first ${facts.tiles} shown` : "";
    return `${facts.layer}: ${facts.image ? `${facts.height}×${facts.width} of ${facts.channels} channels` : `${facts.channels} values`}${more}, black ${small(low)}, white ${small(high)}`;
  }

  // unitOf is what the address says of a pixel of a tile; of a layer without pictures its tile is all channels.
  unitOf(tile, y, x) {
    return this.facts.image ? { channel: tile, y, x } : { channel: x, y: 0, x: 0 };
  }

  chosen() {
    const get = (name) => Number(this.route.get(name) ?? NaN);
    const u = { channel: get("channel"), y: get("y"), x: get("x") };
    return Number.isInteger(u.channel) && Number.isInteger(u.y) && Number.isInteger(u.x) ? u : null;
  }

  drawUnit(seen, layer) {
    const u = kept ? null : this.chosen(); // what of the picture matters is computed when it is asked
    if (!u) {
      document.getElementById("look-unit").hidden = true;
      this.drawn.delete("unit");
      this.frame();
      return;
    }
    this.drawn.draw("unit", "unit", { ...seen, layer: layer.name, ...u, passing: this.passing.value }, (t) => {
      this.back.show(t, 224, { wide: 224 });
      setText(document.getElementById("look-value"), `${layer.name} channel ${u.channel}${layer.image ? ` at ${u.y},${u.x}` : ""} is ${small(t.facts.value)}`);
      document.getElementById("look-unit").hidden = false;
      this.frame();
    }, { fail: () => { document.getElementById("look-unit").hidden = true; } });
    this.frame();
  }

  // point shows what the place under the pointer is computed from.
  point(tile, y, x) {
    this.pointed = tile < 0 || !this.facts ? null : this.unitOf(tile, y, x);
    this.frame();
    if (this.facts) setText(document.getElementById("look-maps-says"), this.pointed ? `${this.facts.layer} channel ${this.pointed.channel}${this.facts.image ? ` at ${this.pointed.y},${this.pointed.x}` : ""}: ${this.fieldWords(this.pointed)}` : this.words());
  }

  fieldOf(u) {
    const { rows, cols } = this.facts ?? {};
    const [row, col] = [rows?.[u.y], cols?.[u.x]];
    return row && col ? { tile: 0, y: row[0], x: col[0], rows: row[1] - row[0], cols: col[1] - col[0] } : null;
  }

  fieldWords(u) {
    const f = this.fieldOf(u);
    return f ? `computed from rows ${f.y} to ${f.y + f.rows - 1}, columns ${f.x} to ${f.x + f.cols - 1}` : "computed from all of the picture";
  }

  // frame marks the unit and the part of the picture that it is computed from.
  frame() {
    const u = this.pointed ?? this.chosen(), f = u && this.facts && this.fieldOf(u);
    this.input.mark(f ? [f] : []);
    this.back.mark(f ? [f] : []);
    if (this.facts) this.maps.mark(!u ? [] : [this.facts.image ? { tile: u.channel, y: u.y, x: u.x, rows: 1, cols: 1 } : { tile: 0, y: 0, x: u.channel, rows: 1, cols: 1 }]);
    this.input.canvas.dataset.field = f ? [f.y, f.x, f.y + f.rows, f.x + f.cols].join() : "";
  }

  key(event) {
    const moves = { ArrowUp: [0, -1, 0], ArrowDown: [0, 1, 0], ArrowLeft: [0, 0, -1], ArrowRight: [0, 0, 1], ",": [-1, 0, 0], ".": [1, 0, 0] };
    const move = moves[event.key];
    if (!move || !this.facts) return;
    event.preventDefault();
    const u = this.chosen() ?? { channel: 0, y: 0, x: 0 }, { facts } = this;
    const within = (v, n) => Math.min(Math.max(0, v), n - 1);
    if (!facts.image) this.route.set({ channel: within(u.channel + move[0] + move[2], facts.channels), y: 0, x: 0 });
    else this.route.set({ channel: within(u.channel + move[0], facts.tiles), y: within(u.y + move[1], facts.height), x: within(u.x + move[2], facts.width) });
  }

  drawKernels(t) {
    const { facts } = t, wide = this.kernels.canvas.parentElement.clientWidth;
    this.kernels.show(t, facts.planes > 1 ? 28 : 44, facts.planes > 1 ? { columns: facts.columns } : { wide });
    setText(document.getElementById("look-kernels-says"), `${facts.filters} filters of ${facts.height}×${facts.width}${facts.planes > 1 ? `, a row for each, of ${facts.planes} channels` : ""}; grey is zero, each is scaled by itself`);
  }

  // drawRows has for each channel the picture that it is strongest for, and the strongest patches with their projections.
  drawRows(t, layer, to) {
    const { facts } = t, list = Array.from({ length: to - this.first + 1 }, (_, k) => this.first + k);
    setText(document.getElementById("look-rows-says"), `${facts.more ? `the strongest so far, of ${facts.seen} samples of ${facts.of}` : `the strongest of ${facts.seen} samples`}; below each what of it makes the channel so strong; grey is nothing`);
    keyed(this.rows, list, (channel) => `${layer.name} ${channel}`, (channel) => this.row(layer, channel), (node, channel) => {
      const places = facts.places[channel - facts.first];
      const sheet = node.sheet;
      sheet.places = places;
      const all = places.flatMap((_, i) => [2 * i]).map((i) => i + (channel - facts.first) * facts.columns);
      sheet.show(t, 60, { pick: [...all, ...all.map((i) => i + 1)], columns: places.length });
      this.climb(node, layer, channel);
    });
    for (const node of this.rows.children) if (!list.some((c) => node.dataset.key === `${layer.name} ${c}`)) node.remove();
  }

  row(layer, channel) {
    const node = make("figure", { class: "look-row" });
    const patches = canvas(`patches for which channel ${channel} of ${layer.name} is strongest, and their projections`);
    const place = make("span", { class: "sub", role: "status" });
    node.best = new TileSheet(canvas(`a picture that channel ${channel} of ${layer.name} is strongest for`, { class: "look-best" }));
    const choose = (at) => {
      const [sample, y, x] = node.sheet.places[at];
      this.route.set({ sample, picture: null, channel, y, x });
    };
    node.sheet = new TileSheet(patches, { choose: (tile) => { if (!kept) choose(node.sheet.list.indexOf(tile) % node.sheet.places.length); } }); // a report has few samples
    const keys = kept ? "" : "; left and right choose one, Enter opens its sample";
    const region = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `patches of channel ${channel}${keys}` }, patches);
    if (!kept) region.addEventListener("keydown", (event) => this.keyOfRow(event, node, place, choose));
    region.addEventListener("blur", () => {
      node.at = -1;
      node.sheet.mark([]);
      setText(place, "");
    });
    node.append(make("figcaption", {}, make("b", {}, String(channel)), make("span", { class: "sub value" }), place), node.best.canvas, region);
    return Object.assign(node, { at: -1 });
  }

  // keyOfRow goes through the patches of a channel, and opens the sample of the one that it is at.
  keyOfRow(event, node, place, choose) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key], { sheet } = node, n = sheet.places?.length ?? 0;
    if (n === 0 || (!by && (event.key !== "Enter" || node.at < 0))) return;
    event.preventDefault();
    if (!by) return choose(node.at);
    node.at = Math.min(Math.max(0, node.at + by), n - 1);
    const [sample] = sheet.places[node.at], { width, height } = sheet.facts, [left] = sheet.corner(node.at);
    sheet.mark([{ tile: sheet.list[node.at], y: 0, x: 0, rows: height, cols: width }]);
    setText(place, `sample ${sample}`);
    const region = event.currentTarget;
    region.scrollLeft = Math.min(left, Math.max(region.scrollLeft, left + sheet.w - region.clientWidth));
  }

  // climb asks for the picture that a channel is strongest for.
  async climb(node, layer, channel) {
    const wanted = `${this.look.about.digest} ${layer.name} ${channel}`;
    if (node.dataset.best === wanted) return;
    node.dataset.best = wanted;
    try {
      const t = await this.look.tiles(`best ${channel}`, "maximize", { layer: layer.name, channel });
      if (node.dataset.best !== wanted) return;
      node.best.show(t, 124, { wide: 124 });
      setText(node.querySelector(".value"), small(t.facts.value));
    } catch (error) {
      if (error.name === "AbortError" || error.passes) delete node.dataset.best;
      else setText(node.querySelector(".value"), error.message);
    }
  }

  // send gives the server a picture to look at.
  async send(file) {
    const says = document.getElementById("look-input-says");
    if (!file) return;
    if (file.size > largest || !["image/png", "image/jpeg"].includes(file.type)) {
      setText(says, "A PNG or JPEG of at most 4 MiB can be looked at.");
      return;
    }
    try {
      const answer = await fetch("api/look/picture", { method: "POST", headers: { "Content-Type": file.type }, body: file });
      const told = await answer.json().catch(() => ({}));
      if (!answer.ok) throw new Error(told.error ?? `the picture was not taken: ${answer.status}`);
      this.route.set({ picture: told.picture, sample: null });
    } catch (error) {
      setText(says, error.message);
    }
  }

  resize() {
    const { tiles } = this.drawn.get("maps") ?? {};
    if (tiles && this.width !== this.el.clientWidth) this.drawMaps(tiles);
    this.width = this.el.clientWidth;
  }

  release() {
    this.drawn.release();
    this.watching.disconnect();
  }
}
