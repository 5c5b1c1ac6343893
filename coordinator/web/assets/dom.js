// Small helpers that change a node only if its content changed, so that
// nothing flickers, selections stay, and an idle page costs nothing. All text
// goes in as text: no function here reads markup.

export const byId = (id) => document.getElementById(id);

// make builds an element: make("td", {class: "num"}, "text", child, ...).
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes)) node.setAttribute(k, v);
  node.append(...children);
  return node;
}

// svg builds an element of a picture.
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [k, v] of Object.entries(attributes)) node.setAttribute(k, v);
  node.append(...children);
  return node;
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

export const text = (id, value) => setText(byId(id), value);

// figure shows "12.3 k byte/s" with the unit small.
export function figure(id, value) {
  const node = byId(id);
  if (node.textContent === value) return;
  node.replaceChildren(...value.split(/([\d.,\u202f–]+(?:e-?\d+)?)/).filter(Boolean).map((part) =>
    /[\d–]/.test(part) ? part : make("span", { class: "unit" }, part)));
}

// keyed makes parent's children follow items: one child a key, in order. It
// moves and removes only what must move; fill(child, item) updates the rest.
export function keyed(parent, items, key, create, fill) {
  const old = new Map();
  for (const child of parent.children) old.set(child.dataset.key, child);
  let at = parent.firstElementChild;
  for (const item of items) {
    const k = String(key(item));
    let child = old.get(k);
    old.delete(k);
    if (!child) {
      child = create(item);
      child.dataset.key = k;
    }
    if (child === at) at = at.nextElementSibling;
    else parent.insertBefore(child, at);
    fill(child, item);
  }
  for (const child of old.values()) child.remove();
}

// copyButton shows a short form of value; it holds the whole one, to read on
// hover and to copy on click.
export function copyButton(shown, value) {
  const button = make("button", { type: "button", class: "copy", title: `${value} (click to copy)`, "data-value": value }, shown);
  button.addEventListener("click", () => copy(button.dataset.value));
  return button;
}

async function copy(value) {
  let done = false;
  try {
    await navigator.clipboard.writeText(value);
    done = true;
  } catch { // only a secure origin has a clipboard
    const area = make("textarea", { class: "hidden", "aria-hidden": "true" });
    area.value = value;
    document.body.append(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
  }
  text("said", done ? `copied ${value}` : "copying is not allowed here");
}
