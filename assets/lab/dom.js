// Elements made by code. Text always goes in as text, never as markup.

/** An element: attributes, listeners ({ onclick }), then children; null children are left out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(key, value);
    }
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

let count = 0;

/** A new id: no two of a page are alike, however many labs are on it. */
export const newId = (what) => `initlab-${what}-${(count += 1)}`;

/** Set text only where it differs: at 60 frames a second most does not. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
