// Canvases that are sharp on every screen and take their colors from the page.

const NAMES = ["ink", "muted", "paper", "grid", "blue", "orange", "green", "pink"];

/** The page's colors at this moment, by the package's names (code/initlab/style.py). */
export function readColors(element) {
  const style = getComputedStyle(element);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--initlab-${name}`).trim()]));
}

/** Call back when the page turns dark or light, by whichever way; returns how to stop. */
export function onTheme(callback) {
  const observer = new MutationObserver(callback);
  const attributeFilter = ["data-theme", "data-jp-theme-light"];
  for (const root of [document.documentElement, document.body]) {
    observer.observe(root, { attributes: true, attributeFilter });
  }
  return () => observer.disconnect();
}

/** A canvas and the numbers needed to draw on it, in CSS pixels. */
export class Surface {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.width = 0;
    this.height = 0;
  }

  /** Fit the pixels to the place on the page; true if there is any. */
  fit() {
    const { clientWidth, clientHeight } = this.canvas;
    const ratio = globalThis.devicePixelRatio || 1;
    this.width = clientWidth;
    this.height = clientHeight;
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return this.width > 0 && this.height > 0;
  }

  clear() {
    this.context.clearRect(0, 0, this.width, this.height);
    return this.context;
  }
}

/** "#0b63b5" as [11, 99, 181]. */
export function rgb(color) {
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** The marks of the book's data: one for each class, different in shape, not in color alone. */
const MARKS = [
  (c, x, y, r) => c.arc(x, y, r, 0, 2 * Math.PI),
  (c, x, y, r) => c.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r),
  (c, x, y, r) => polygon(c, [[x, y - 1.25 * r], [x + 1.15 * r, y + 0.8 * r], [x - 1.15 * r, y + 0.8 * r]]),
  (c, x, y, r) => polygon(c, [[x, y - 1.3 * r], [x + 1.3 * r, y], [x, y + 1.3 * r], [x - 1.3 * r, y]]),
  (c, x, y, r) => polygon(c, [[x, y + 1.25 * r], [x + 1.15 * r, y - 0.8 * r], [x - 1.15 * r, y - 0.8 * r]]),
];

function polygon(context, corners) {
  corners.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
}

/** The outline of the mark of a class, ready to fill or stroke. */
export function mark(context, kind, x, y, radius) {
  context.beginPath();
  MARKS[kind](context, x, y, radius);
}

export const [CIRCLE, SQUARE, TRIANGLE, DIAMOND] = [0, 1, 2, 3];

/** The same marks as characters. */
export const GLYPHS = "●■▲◆▼";
