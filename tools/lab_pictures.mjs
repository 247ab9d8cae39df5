// A small drawing, and words for it, for each preset of the lab: what a visitor without scripts sees.
// Runs every preset with the page's own engine and prints { name: { title, sentence, ... } } as JSON.
//
//   node tools/lab_pictures.mjs

import { fromPreset, write } from "../assets/lab/address.js";
import { PRESETS } from "../assets/lab/presets.js";
import { Run } from "../assets/lab/run.js";
import { percent, power, short, ticks } from "../assets/lab/scale.js";
import { sides } from "../assets/lab/state.js";

const [WIDTH, HEIGHT] = [300, 150];
const BOX = { left: 34, right: 292, top: 10, bottom: 128 };
const COLORS = ["var(--initlab-green)", "var(--initlab-pink)"];
const DASHES = ["", ' stroke-dasharray="5 4"'];
const NAMES = ["left", "right"];

const round = (value) => Math.round(10 * value) / 10;
const text = (x, y, words, anchor = "middle") =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="var(--initlab-muted)">${words}</text>`;

/** Lines of positive numbers on a logarithmic axis: one pair { x, y } of arrays a network. */
function curves(pairs, xLabel, dots) {
  const all = pairs.flatMap(({ y }) => [...y]).filter((value) => value > 0).map(Math.log10);
  const low = Math.floor(Math.min(...all));
  const high = Math.max(Math.ceil(Math.max(...all)), low + 1);
  const [first, last] = [pairs[0].x[0], pairs[0].x.at(-1)];
  const across = (x) => BOX.left + ((x - first) / (last - first)) * (BOX.right - BOX.left - 6);
  const up = (y) => BOX.bottom - ((Math.log10(y) - low) / (high - low)) * (BOX.bottom - BOX.top);
  const grid = ticks([low, high], 4).map((exponent) =>
    `<path d="M${BOX.left} ${round(up(10 ** exponent))}H${BOX.right}" stroke="var(--initlab-grid)"/>` +
    text(BOX.left - 4, up(10 ** exponent) + 4, exponent === 0 ? "1" : power(exponent), "end"));
  const lines = pairs.map(({ x, y }, i) => {
    const points = [...y].flatMap((value, k) => (value > 0 ? [[round(across(x[k])), round(up(value))]] : []));
    const line = `<path d="M${points.map((p) => p.join(" ")).join("L")}" fill="none" stroke="${COLORS[i]}" ` +
      `stroke-width="2"${DASHES[i]}/>`;
    const marks = points.map(([a, b]) => `<circle cx="${a}" cy="${b}" r="3" fill="${COLORS[i]}"/>`);
    return line + (dots ? marks.join("") : "");
  });
  const ends = text(BOX.left, HEIGHT - 8, first, "start") + text(BOX.right, HEIGHT - 8, `${xLabel} ${last}`, "end");
  return grid.join("") + lines.join("") + ends;
}

/** A dot for each thing, filled or hollow: rows from the top, a panel for each network. */
function dots(panels, label) {
  const rows = panels[0].length;
  const columns = Math.max(...panels.flat().map((row) => row.length));
  const room = (WIDTH - 60) / 2;
  const across = Math.min(room / columns, 22);
  const down = Math.min((BOX.bottom - BOX.top) / rows, 30);
  const top = (BOX.top + BOX.bottom - rows * down) / 2;
  const radius = round(0.36 * Math.min(across, down));
  return panels.map((panel, i) => {
    const from = 44 + i * (room + 16);
    const cells = panel.flatMap((row, r) => row.map((full, c) => {
      const at = `cx="${round(from + (c + 0.5) * across)}" cy="${round(top + (r + 0.5) * down)}"`;
      return `<circle ${at} r="${radius}" fill="${full ? COLORS[i] : "none"}" stroke="${COLORS[i]}"/>`;
    }));
    const names = i ? [] : panel.map((_, r) => text(38, top + (r + 0.5) * down + 4, `layer ${rows - r}`, "end"));
    return cells.join("") + names.join("") + text(from, HEIGHT - 8, `${NAMES[i]}: ${label}`, "start");
  }).join("");
}

/** Some hundred points of a loss curve, the last one included: a small drawing has no room for more. */
function thinned({ history: { steps, loss }, step, loss: last }) {
  const every = Math.ceil(steps.length / 100);
  const kept = (_, k) => k % every === 0;
  return { x: [...steps.filter(kept), step], y: [...loss.filter(kept), last] };
}

const range = (n) => Array.from({ length: n }, (_, i) => i);
const both = (describe) => (ends) => `${ends.map((end, i) => `${NAMES[i]} ${describe(end)}`).join("; ")}.`;

const KINDS = {
  loss: {
    draw: (ends) => curves(ends.map(thinned), "loss, step", false),
    tell: (ends) => `Training loss over ${ends[0].step} steps: ${both(({ loss, first }) =>
      `from ${short(first.loss)} to ${short(loss)}`)(ends)}`,
  },
  layers: {
    draw: (ends) => curves(ends.map(({ first }) =>
      ({ x: range(first.rms_delta.length).map((l) => l + 1), y: first.rms_delta })), "δ at step 0, layer", true),
    tell: (ends) => `Size of δ at step 0, from the first layer to the last: ${both(({ first }) =>
      `${short(first.rms_delta[0])} to ${short(first.rms_delta.at(-1))}`)(ends)}`,
  },
  activations: {
    draw: (ends) => curves(ends.map(({ first }) =>
      ({ x: range(first.rms_h.length).map((l) => l + 1), y: first.rms_h })), "activations at step 0, layer", true),
    tell: (ends) => `Size of the activations at step 0, first and last hidden layer: ${both(({ first }) =>
      `${short(first.rms_h[0])} and ${short(first.rms_h.at(-2))}`)(ends)}`,
  },
  lamps: {
    draw: (ends) => dots(ends.map(({ lit, step }) => [...lit].reverse().map((at) =>
      range(step).map((t) => at > 0 && at <= t + 1))), "● lit, steps →"),
    tell: (ends) => `First step with a gradient, from layer 1 up: ${both(({ lit }) => [...lit].join(", "))(ends)}`,
  },
  units: {
    draw: (ends) => dots(ends.map(({ distinct, width }) => [...distinct].reverse().map((count) =>
      range(width).map((unit) => unit < count))), "○ copy of a ●"),
    tell: (ends) => `Different units of each hidden layer, to the last bit, after ${ends[0].step} steps: ${both(
      ({ distinct, width }) => `${[...distinct].join(", ")} of ${width}`)(ends)}`,
  },
};

function trained(settings, steps) {
  const run = new Run(settings);
  const first = structuredClone(run.measure());
  run.advance(steps);
  return { ...run.measure(), first, history: run.history(), width: settings.width };
}

const pictures = PRESETS.map((preset) => {
  const state = fromPreset(preset.name);
  const ends = sides(state).map((settings) => trained(settings, preset.steps));
  const { draw, tell } = KINDS[preset.picture];
  const accuracies = ends.map(({ accuracy }, i) => `${NAMES[i]} ${percent(accuracy)}`).join(", ");
  return {
    name: preset.name,
    title: preset.title,
    sentence: preset.sentence,
    chapter: preset.chapter,
    address: write(state),
    box: `0 0 ${WIDTH} ${HEIGHT}`,
    drawing: draw(ends),
    words: `${tell(ends)} Samples right at the end: ${accuracies}.`,
  };
});

console.log(JSON.stringify(pictures));
