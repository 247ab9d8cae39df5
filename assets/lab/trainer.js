// The page's side of the worker: plays, pauses and steps, and hands every frame to `onFrame`.
// Training goes by the screen: one tick a picture, and never more than two on their way.

/* global WORKER_SOURCE */ // the worker as text, put here by the bundler: works from file:// too

import { SPEEDS } from "./state.js";

const IN_FLIGHT = 2; // ticks: the worker need not wait for the next picture to begin the one after
const CATCH_UP = 60; // ms of training between two pictures on the way to a step asked for
const HISTORY_EVERY = 200; // ms between two copies of the loss curve while playing

export class Trainer {
  constructor({ onFrame, onRefused, onPlaying }) {
    const url = URL.createObjectURL(new Blob([WORKER_SOURCE], { type: "text/javascript" }));
    this.worker = new Worker(url);
    URL.revokeObjectURL(url);
    this.worker.onmessage = ({ data }) => this.receive(data);
    Object.assign(this, { onFrame, onRefused, onPlaying });
    this.generation = 0;
    this.playing = false;
    this.waiting = 0; // answers that are still to come
    this.wish = null; // where the scrubber is to go, once the worker is free
    this.readers = [];
    this.speed = "20";
    this.due = 0; // steps that playing owes, a fraction of one included
    this.seen = 0;
    this.target = 0; // the step asked for, on the way there
    this.request = 0;
  }

  /** Other networks, to be brought to a step. `starts`: first parameters, where not drawn. */
  configure(settings, { step = 0, starts = [] } = {}) {
    this.pause();
    this.generation += 1;
    this.wish = null;
    this.target = step;
    this.send({ kind: "configure", settings, starts });
  }

  step(count = 1) {
    this.pause();
    this.target = 0;
    this.send({ kind: "step", count });
  }

  /** To a step that was taken before. Only the newest wish counts. */
  goTo(step) {
    this.pause();
    this.target = 0;
    this.wish = step;
    this.grant();
  }

  /** To any step, taken before or not yet. */
  reach(step) {
    this.pause();
    this.wish = null;
    this.target = step;
    this.send({ kind: "reach", step, budget: CATCH_UP, history: true });
  }

  play() {
    if (this.playing) return;
    this.playing = true;
    this.target = 0;
    this.due = 1; // the first step at once
    this.seen = performance.now();
    this.onPlaying(true);
    this.request = requestAnimationFrame((now) => this.tick(now));
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.request);
    this.onPlaying(false);
    this.send({ kind: "tick", most: 0, budget: 0, history: true }); // the whole curve, up to here
  }

  /** Whether nothing is under way. */
  get resting() {
    return !this.playing && this.waiting === 0 && this.wish === null;
  }

  /** The parameters of each network, { start, now }, once the worker has answered. */
  parameters() {
    return new Promise((resolve) => {
      this.readers.push(resolve);
      this.send({ kind: "parameters" });
    });
  }

  destroy() {
    this.playing = false;
    cancelAnimationFrame(this.request);
    this.worker.terminate();
  }

  tick(now) {
    if (!this.playing) return;
    this.request = requestAnimationFrame((next) => this.tick(next));
    const rate = SPEEDS[this.speed];
    const passed = Math.min(now - this.seen, 250); // a page that slept does not make up for it
    this.seen = now;
    if (rate === null) this.due = Infinity;
    else this.due = Math.min(this.due, 2 * rate) + (rate * Math.max(passed, 0)) / 1000;
    if (this.waiting >= IN_FLIGHT || this.due < 1) return;
    const most = Math.floor(this.due);
    if (rate !== null) this.due -= most;
    const history = now - (this.copied ?? 0) > HISTORY_EVERY;
    if (history) this.copied = now;
    this.send({ kind: "tick", most, history });
  }

  grant() {
    if (this.wish === null || this.waiting > 0) return;
    this.send({ kind: "goTo", step: this.wish, history: false });
    this.wish = null;
  }

  send(message) {
    this.waiting += 1;
    this.worker.postMessage({ generation: this.generation, ...message });
  }

  receive(data) {
    this.waiting -= 1;
    if (data.kind === "parameters") this.readers.shift()(data.sides);
    else if (data.kind === "refused") {
      this.pause();
      this.onRefused(data.message);
    } else if (data.generation === this.generation) {
      if (this.target > data.step && (data.taken > 0 || data.description)) {
        this.send({ kind: "reach", step: this.target, budget: CATCH_UP, history: true });
      } else if (this.target <= data.step || this.waiting === 0) this.target = 0;
      if (this.playing && data.taken === 0 && data.sides.every((side) => side.diverged !== null)) {
        this.pause();
      }
      this.onFrame(data);
    }
    this.grant();
  }
}
