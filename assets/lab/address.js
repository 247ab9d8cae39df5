// The whole state as a short, readable piece of an address, and back:
//
//   #preset=wavefront
//   #data=xor&depth=5&weights=zeros&biases=normal(1)&right.weights=glorot_uniform&step=12
//
// What equals its default is left out. A preset may be followed by changes to it. Reading never
// fails: junk gives problems { setting, message } and safe values.

import { defaults } from "./config.js";
import { BY_NAME } from "./presets.js";
import { repr } from "./checks.js";
import { readNumber, readRecipe, writeRecipe } from "./recipes.js";
import { initial, settle } from "./state.js";

const RIGHT = "right.";
const FULL = "full"; // the batch of all samples
const NUMBERS = new Set([
  "n_samples", "n_classes", "noise", "low", "depth", "width", "learning_rate", "seed"]);
const RECIPES = new Set(["weights", "biases"]);
const LONGEST = 80; // characters of a value that a message quotes

/** A setting's value as text. */
export function writeValue(setting, value) {
  if (RECIPES.has(setting)) return writeRecipe(value);
  if (setting === "batch_size" && value === null) return FULL;
  return String(value);
}

/** Text as a setting's value; what cannot be understood is left for the checks to refuse. */
export function readValue(setting, text) {
  if (RECIPES.has(setting)) return readRecipe(text);
  if (setting === "batch_size") return text === FULL ? null : readNumber(text);
  return NUMBERS.has(setting) ? readNumber(text) : text;
}

/** The part of an address behind "#". */
export function write({ settings, difference, speed, step }) {
  const preset = presetOf({ settings, difference });
  const parts = preset ? [["preset", preset]] : differing(settings);
  if (difference && !preset) {
    parts.push([RIGHT + difference.setting, writeValue(difference.setting, difference.value)]);
  }
  const usual = preset ? BY_NAME[preset].speed : initial().speed;
  if (speed !== usual) parts.push(["speed", speed]);
  if (step > 0) parts.push(["step", String(step)]);
  return parts.map(([key, value]) => `${key}=${quote(value)}`).join("&");
}

// Parentheses and the like may stay readable; what would end a link or split it may not.
const quote = (text) => encodeURIComponent(text).replaceAll("%2C", ",");

function differing(settings) {
  const usual = defaults();
  return Object.keys(usual)
    .map((key) => [key, writeValue(key, settings[key])])
    .filter(([key, value]) => value !== writeValue(key, usual[key]));
}

/** The name of the preset with these very settings and difference; undefined if there is none. */
export function presetOf(state) {
  const own = canonical(state);
  return Object.keys(BY_NAME).find((name) => canonical(fromPreset(name)) === own);
}

function canonical({ settings, difference }) {
  const parts = differing(settings);
  if (difference) parts.push([RIGHT + difference.setting, writeValue(difference.setting, difference.value)]);
  return JSON.stringify(parts);
}

/** The state a preset begins with. */
export function fromPreset(name) {
  const { settings, difference, speed } = BY_NAME[name];
  return settle({ settings, difference, speed }).state;
}

/** The state that an address asks for: { state, problems, preset }. */
export function read(hash) {
  const problems = [];
  const asked = { settings: {}, difference: null };
  const pairs = [...new URLSearchParams(hash.replace(/^[#?]/, ""))].map(([key, text]) =>
    [key.slice(0, LONGEST), text.slice(0, LONGEST)]);
  for (const [key, text] of pairs) {
    if (key === "preset") {
      if (Object.hasOwn(BY_NAME, text)) {
        const { settings, difference, speed } = BY_NAME[text];
        Object.assign(asked, { settings: { ...settings }, difference, speed });
      } else {
        const allowed = Object.keys(BY_NAME).map(repr).join(", ");
        problems.push({
          setting: "preset", message: `unknown preset: got ${repr(text)}, allowed are ${allowed}` });
      }
    } else if (key === "step") asked.step = readNumber(text);
    else if (key === "speed") asked.speed = text;
    else if (key.startsWith(RIGHT)) {
      const setting = key.slice(RIGHT.length);
      asked.difference = { setting, value: readValue(setting, text) };
    } else asked.settings[key] = readValue(key, text);
  }
  const settled = settle(asked);
  return { state: settled.state, problems: [...problems, ...settled.problems] };
}
