// The page of points alone: the view Projector without a run round it.
import { byId } from "./dom.js";
import { Route } from "./route.js";
import * as view from "./views/projector.js";

const store = { status: null, route: new Route() };
if (store.route.view !== "projector") store.route.view = "projector";
view.mount(byId("main"), store);
store.route.onChange(() => view.update(store));
