// What a view of points keeps as files: bookmarks and labels.
import * as camera from "./camera.js";
import { make } from "./dom.js";
import { bookmark, bookmarks, metadata, methods } from "./pointfiles.js";

// readBookmarks reads those that the points came with.
export async function readBookmarks(view, read) {
  try {
    const text = await (await view.ask(`api/projector/bookmarks?${read}`)).text();
    view.kept = bookmarks(text, view.about.points);
  } catch (error) {
    console.info(`the bookmarks cannot be shown: ${error.message}`);
  }
}

export function openBookmarks(view, text) {
  try {
    const list = bookmarks(text, view.about.points);
    if (!list.length) throw new Error(`no bookmark has ${view.about.points} points`);
    view.kept = [...view.kept, ...list];
    toBookmark(view, String(view.kept.length - list.length));
  } catch (error) {
    view.say(`these bookmarks cannot be shown: ${error.message}`);
  }
}

// toBookmark shows what was kept: places, camera, point, colour.
export function toBookmark(view, at) {
  const kept = view.kept[Number(at)];
  if (at === "" || !kept) return view.route.set({ bookmark: null });
  if (kept.camera) view.camera = kept.dims === 3 ? kept.camera : { ...kept.camera, yaw: 0, pitch: 0 };
  view.laid = kept.dims; // its camera stays
  view.route.set({ bookmark: at, pick: kept.pick, tint: kept.colour ?? view.route.get("tint"), cam: kept.camera ? camera.text(view.camera) : null });
  view.showChoices();
}

export function saveBookmark(view) {
  if (!view.points) return;
  const { about, method, dims, points, pick, near } = view;
  const label = [methods[method], `${dims}-D`, about.chosen.step ? `step ${about.chosen.step}` : ""].filter(Boolean).join(" ");
  const url = URL.createObjectURL(new Blob([bookmark({ label, method, dims, points, wide: about.dims, pick, near, colour: view.tint, camera: view.camera })], { type: "text/plain" }));
  make("a", { href: url, download: "bookmarks.txt" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

export function openLabels(view, text) {
  try {
    view.know(metadata(text, view.about.points));
  } catch (error) {
    return view.say(`these labels do not fit: ${error.message}`);
  }
  view.chosen = "";
  view.show();
}
