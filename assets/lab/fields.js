// One control for one setting: a labeled element, with value in and value out.

import { ACTIVATIONS } from "./activations.js";
import { LIMITS, SUMS, samplesOf } from "./config.js";
import { DATA } from "./data.js";
import { make, newId, write } from "./dom.js";
import { LOSSES } from "./losses.js";
import { REGISTRIES, SUGGESTED, parameterOf } from "./recipes.js";
import { LABELS, nameOf } from "./words.js";

const CHOICES = { data: DATA, activation: ACTIVATIONS, loss: LOSSES, sum: SUMS };
const RANGES = new Set(["depth", "width"]);
const POWERS = [4, 8, 16, 32, 64, 128, 256, 512, 1024];

// One shared vector of one shared vector is no recipe.
const { equal_columns: _, ...BASES } = REGISTRIES.weights;

const options = (names, label = nameOf) =>
  names.map((name) => make("option", { value: name }, label(name)));

/** A select, a slider or a box of numbers with its label; `show(value, config)` sets it. */
function labeled(label, input, ...rest) {
  input.id = newId("field");
  return make("div", { class: "lab-field" }, make("label", { for: input.id }, label), input, ...rest);
}

function choice(setting, label, changed) {
  const input = make("select", { onchange: () => changed(input.value) }, ...options(Object.keys(CHOICES[setting])));
  return { element: labeled(label, input), input, show: (value) => { input.value = value; } };
}

function slider(setting, label, changed) {
  const { atLeast, atMost } = LIMITS[setting];
  const output = make("output");
  const input = make("input", {
    type: "range", min: atLeast, max: atMost, step: 1,
    oninput: () => write(output, input.value),
    onchange: () => changed(input.valueAsNumber),
  });
  return {
    element: labeled(label, input, output),
    input,
    show(value) {
      input.value = value;
      write(output, String(value));
    },
  };
}

function numeric(label, changed) {
  const input = make("input", {
    type: "number", step: "any", onchange: () => changed(input.value === "" ? NaN : Number(input.value)),
  });
  return {
    element: labeled(label, input), input,
    // What the reader wrote stays as it is where it means the same: 1e-3.
    show: (value) => { if (input.valueAsNumber !== value) input.value = value; },
  };
}

function batch(label, changed) {
  const input = make("select", {
    onchange: () => changed(input.value === "full" ? null : Number(input.value)) });
  return {
    element: labeled(label, input),
    input,
    show(value, config) {
      const most = samplesOf(config);
      const sizes = [...new Set([1, ...POWERS, ...(value ? [value] : [])])].filter((n) => n < most || n === value);
      sizes.sort((a, b) => a - b);
      input.replaceChildren(
        make("option", { value: "full" }, "all samples"), ...options(sizes.map(String), String));
      input.value = value === null ? "full" : String(value);
    },
  };
}

/** The name of an initializer, and its one parameter beside it, which may be a recipe again. */
function recipe(registry, label, changed) {
  const select = make("select", { onchange: () => changed(fresh(select.value)) }, ...options(Object.keys(registry)));
  const element = labeled(label, select);
  let inner = null;
  let shown = null;

  function fresh(name) {
    const parameter = parameterOf(name);
    if (parameter === undefined) return { name };
    const value = SUGGESTED[parameter];
    return { name, [parameter]: parameter === "base" ? { name: value } : value };
  }

  function show(value) {
    select.value = value.name;
    const parameter = parameterOf(value.name);
    if (shown !== value.name) {
      inner?.element.remove();
      inner = null;
      const pass = (next) => changed({ name: select.value, [parameter]: next });
      const words = `${label}: ${parameter === "base" ? "the vector" : parameter}`;
      if (parameter === "base") inner = recipe(BASES, words, pass);
      else if (parameter) inner = numeric(words, pass);
      if (inner) {
        inner.element.classList.add("lab-inner");
        element.append(inner.element);
      }
      shown = value.name;
    }
    inner?.show(value[parameter]);
  }

  return { element, get input() { return inner?.input ?? select; }, show };
}

/** The control of a setting: { element, input, show(value, config) }. `changed` gets new values. */
export function field(setting, changed, label = LABELS[setting]) {
  if (setting in CHOICES) return choice(setting, label, changed);
  if (setting in REGISTRIES) return recipe(REGISTRIES[setting], label, changed);
  if (setting === "batch_size") return batch(label, changed);
  return RANGES.has(setting) ? slider(setting, label, changed) : numeric(label, changed);
}
