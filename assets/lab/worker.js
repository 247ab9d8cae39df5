// The Web Worker: trains, so that the page never stalls. Messages in:
//
//   { kind: "configure", settings, starts }   other networks
//   { kind: "step", count }  { kind: "goTo", step }
//   { kind: "reach", step, budget, history }  to a step taken or not, as far as `budget` lasts
//   { kind: "tick", most, budget, history }   up to `most` steps within `budget` milliseconds
//   { kind: "parameters" }
//
// Every message is answered by one: { kind: "frame", ... }, { kind: "parameters", ... } or, for what
// was refused, { kind: "refused", message }. The page sends a tick when the screen draws, and no more
// than two ahead: frames never pile up, and a page in the background does not train.

import { Session } from "./session.js";

const BUDGET = 11; // ms of training between two pictures, of the 16.7 of a screen at 60 Hz

let session = null;
let generation = 0;

function answer({ kind, ...asked }) {
  if (kind === "configure") {
    const next = new Session(asked.settings);
    (asked.starts ?? []).forEach((start, side) => {
      if (start && next.runs[side]) next.runs[side].startFrom(start);
    });
    session = next;
    generation = asked.generation;
    return frame(0, { history: true, description: session.describe() });
  }
  if (kind === "step") return frame(session.advance(asked.count), { history: true });
  if (kind === "goTo") {
    session.goTo(asked.step);
    return frame(0, { history: asked.history });
  }
  if (kind === "reach") return frame(session.reach(asked.step, asked.budget), asked);
  if (kind === "tick") return frame(session.spend(asked.budget ?? BUDGET, asked.most), asked);
  if (kind === "parameters") {
    return { kind, sides: session.runs.map((_, side) => session.parameters(side)) };
  }
  throw new RangeError(`unknown message: got '${kind}'`);
}

function frame(taken, { history, description }) {
  return { kind: "frame", taken, description, ...session.frame(history) };
}

self.onmessage = ({ data }) => {
  let message;
  try {
    message = answer(data);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    message = { kind: "refused", message: error.message };
  }
  self.postMessage({ generation, ...message });
};
