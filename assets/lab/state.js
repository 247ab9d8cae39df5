// What the reader has chosen: settings that both networks share, and the one thing in which the
// right one differs.
//
//   settings    as in config.js, complete
//   difference  null (one network), or { setting, value }: the right network's value
//   speed       a key of SPEEDS
//   step        where both stand

import { repr, whole } from "./checks.js";
import { check, defaults, repair } from "./config.js";

/** What may differ: all that is the network's and its training's. Data and seed are shared. */
export const DIFFERENCES = [
  "weights", "biases", "activation", "depth", "width", "loss", "learning_rate", "batch_size", "sum",
];

/** Steps a second; null: as many as fit between two pictures. */
export const SPEEDS = { "1": 1, "4": 4, "20": 20, "100": 100, "500": 500, most: null };

/** As far as an address reaches: more would keep its reader waiting. */
export const MOST_STEPS = 20000;

/** The state of a page that was told nothing. */
export const initial = () => ({ settings: defaults(), difference: null, speed: "20", step: 0 });

/** The settings of one network or two, left first. */
export function sides({ settings, difference }) {
  if (difference === null) return [settings];
  return [settings, { ...settings, [difference.setting]: difference.value }];
}

/**
 * A state out of anything: { state, problems }. What is bad gives way to its default, and each time
 * a problem { setting, message } says what was wrong, what came, and what is allowed.
 */
export function settle(given) {
  const { config, problems } = repair(given.settings);
  const state = { ...initial(), settings: { ...config } };
  const attempt = (setting, act) => {
    try {
      act();
    } catch (error) {
      problems.push({ setting, message: error.message });
    }
  };
  const { difference, speed, step } = given;
  if (difference) {
    attempt(difference.setting, () => { state.difference = checkDifference(state.settings, difference); });
  }
  if (speed !== undefined) attempt("speed", () => { state.speed = checkSpeed(speed); });
  if (step !== undefined) {
    attempt("step", () => { state.step = whole(step, "step", { atLeast: 0, atMost: MOST_STEPS }); });
  }
  return { state, problems };
}

/** A difference whose network can be built, or a RangeError. */
function checkDifference(settings, { setting, value }) {
  if (!DIFFERENCES.includes(setting)) {
    const allowed = DIFFERENCES.map(repr).join(", ");
    throw new RangeError(`the networks cannot differ in ${repr(setting)}; allowed are ${allowed}`);
  }
  return { setting, value: check({ ...settings, [setting]: value })[setting] };
}

function checkSpeed(speed) {
  if (Object.hasOwn(SPEEDS, speed)) return speed;
  const allowed = Object.keys(SPEEDS).map(repr).join(", ");
  throw new RangeError(`unknown speed: got ${repr(speed)}, allowed are ${allowed}`);
}
