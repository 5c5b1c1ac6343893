// The views, in the order of their tabs. Each is a module of its own, fetched
// when it is first needed, that exports
//
//	title              its tab's words
//	applies(status)    whether this run has it; a view that does not apply is absent
//	mount(el, store)   builds it in an empty element
//	update(store)      shows what is new: after each answer, and when the address changes
//	unmount()          lets go of what it holds outside its element
//
// A view takes a template of its name, view-NAME, for what does not change.
const all = {
  run: () => import("./views/run.js"),
  cluster: () => import("./views/cluster.js"),
  network: () => import("./views/network.js"),
  runs: () => import("./views/runs.js"),
  projector: () => import("./views/projector.js"),
  look: () => import("./views/look.js"),
};

export const names = Object.keys(all);

const fetched = new Map();

// view is the module of a name once it has come; null before.
export const view = (name) => fetched.get(name) ?? null;

// load fetches a view's module.
export async function load(name) {
  if (!fetched.has(name)) fetched.set(name, await all[name]());
  return fetched.get(name);
}

// template copies what a view has in the page.
export const template = (name) => document.getElementById(`view-${name}`).content.cloneNode(true);
