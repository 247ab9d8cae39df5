// Recipes of initializers as short text, and back: normal(0.5), equal_columns(glorot_normal).
// What a recipe may be is for initializers.js to say; here is only how it is written.

import { BIAS_INITIALIZERS, INITIALIZERS } from "./initializers.js";

/** What recipes may be made of, for weights and for biases. */
export const REGISTRIES = { weights: INITIALIZERS, biases: BIAS_INITIALIZERS };

/** What a parameter is until the reader says otherwise. */
export const SUGGESTED = { value: 0.5, std: 1, bound: 1, gain: 1, base: "glorot_normal" };

/** The name of the one parameter of an initializer; undefined for one that has none. */
export const parameterOf = (name) => Object.keys(INITIALIZERS[name].parameters)[0];

/** { name: "normal", std: 0.5 } as normal(0.5). */
export function writeRecipe(recipe) {
  const parameter = parameterOf(recipe.name);
  if (parameter === undefined) return recipe.name;
  const value = parameter === "base" ? writeRecipe(recipe.base) : String(recipe[parameter]);
  return `${recipe.name}(${value})`;
}

/**
 * The inverse of writeRecipe. Makes a recipe of any text, a wrong one of a wrong text: whoever
 * checks it says what is wrong.
 */
export function readRecipe(text) {
  const [, name, inner] = /^([^()]*)(?:\((.*)\))?$/.exec(text) ?? [undefined, text, undefined];
  if (inner === undefined) return { name };
  const parameter = Object.hasOwn(INITIALIZERS, name) ? parameterOf(name) : undefined;
  if (parameter === undefined) return { name, parameter: inner };
  return { name, [parameter]: parameter === "base" ? readRecipe(inner) : readNumber(inner) };
}

/** A number, or the text itself where it is none: checks then quote what came. */
export function readNumber(text) {
  const value = Number(text);
  return text.trim() === "" || (Number.isNaN(value) && text.trim() !== "NaN") ? text : value;
}
