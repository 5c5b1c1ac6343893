// The frame round the views: tabs, and the one view that is shown.
import { byId, keyed, make, setAttribute, setText } from "./dom.js";
import { format } from "./route.js";
import { load, names, view } from "./views.js";

export class Shell {
  constructor(store) {
    this.store = store;
    this.shown = null; // { name, module, el }
    this.missing = new Set(); // views whose modules did not come
    store.route.onChange(() => this.update());
    document.addEventListener("keydown", (event) => this.key(event));
    document.querySelector(".skip").addEventListener("click", (event) => { // the hash is the view's
      event.preventDefault();
      byId("main").focus();
    });
    byId("alarm-count").addEventListener("click", (event) => {
      event.preventDefault();
      byId("alarms").scrollIntoView({ block: "center" });
    });
    this.loadAll();
  }

  // loadAll fetches the view that is asked for, then the small modules of the
  // others, which know whether they apply. One that does not come is left out, and
  // the one that is asked for says so; browsers do not fetch a module twice.
  async loadAll() {
    const first = this.wanted();
    for (const name of [first, ...names.filter((n) => n !== first)]) {
      try {
        await load(name);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // which a fetch that fails is
        this.missing.add(name);
      }
      this.update();
    }
  }

  wanted() {
    return names.includes(this.store.route.view) ? this.store.route.view : names[0];
  }

  applying() {
    const { status } = this.store;
    return names.filter((name) => view(name) && (status ? view(name).applies(status) : name === names[0]));
  }

  update() {
    if (!this.store.status) return;
    const applying = this.applying();
    let name = this.wanted();
    if (view(name) && !applying.includes(name)) name = applying[0];
    this.store.route.view = name; // of an address that names none, or one that is not here
    this.drawTabs(applying, name);
    this.drawMissing(name);
    if (!view(name)) return; // it is on its way, or missing
    if (this.shown?.name !== name) this.change(name);
    this.shown.module.update(this.store);
  }

  // drawMissing says that the view that is asked for did not come.
  drawMissing(name) {
    const missing = this.missing.has(name), said = byId("view-missing");
    if (!missing) return said?.remove();
    if (said) return;
    const again = make("button", { type: "button", class: "small" }, "Load the page again");
    again.addEventListener("click", () => location.reload());
    byId("main").append(make("p", { id: "view-missing", class: "card none", role: "status" }, "This view did not come from the coordinator. ", again));
  }

  change(name) {
    if (this.shown) {
      this.shown.module.unmount();
      this.shown.el.remove();
    }
    const el = make("div", { class: "view", "data-view": name });
    byId("main").append(el);
    this.shown = { name, el, module: view(name) };
    this.shown.module.mount(el, this.store);
  }

  drawTabs(applying, current) {
    const { settings } = this.store.route;
    keyed(byId("views"), applying, (name) => name, (name) => make("li", {}, make("a", {}, view(name).title)), (li, name) => {
      const link = li.firstChild;
      setAttribute(link, "href", format(name, settings));
      setText(link, view(name).title);
      if (name === current) setAttribute(link, "aria-current", "page");
      else link.removeAttribute("aria-current");
    });
    byId("views").hidden = applying.length < 2;
  }

  // key: 1, 2, 3 … choose a view, wherever no text is written.
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    const name = this.applying()[Number(event.key) - 1];
    if (!/^[1-9]$/.test(event.key) || !name || !names.slice(0, names.indexOf(name)).every(view)) return;
    location.hash = format(name, this.store.route.settings);
  }
}
