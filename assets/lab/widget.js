// The lab in a notebook: an anywidget (code/initlab/lab.py). Settings come from Python, already
// checked there; what the reader changes goes back, and so do parameters and history when training
// rests. Parameters travel as float64 numbers: all weights layer by layer, then all biases.

import { defaults } from "./config.js";
import { mount } from "./lab.js";
import { initial, settle } from "./state.js";

function floats(view) {
  if (!view?.byteLength) return null;
  const { buffer, byteOffset, byteLength } = view;
  return new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

const bytes = (array) => new DataView(array.buffer, array.byteOffset, array.byteLength);

const NONE = () => new DataView(new ArrayBuffer(0));
const SIDES = ["left", "right"];

/** A history row by row: step, loss, then three sizes for each layer. */
function rows({ steps, loss, rms_h, rms_delta, rms_grad_W }) {
  const columns = [steps, loss, ...rms_h, ...rms_delta, ...rms_grad_W];
  const flat = new Float64Array(steps.length * columns.length);
  columns.forEach((column, c) => column.forEach((value, r) => { flat[r * columns.length + c] = value; }));
  return flat;
}

function stateOf(model) {
  const settings = Object.fromEntries(Object.keys(defaults()).map((key) => [key, model.get(key)]));
  return settle({
    ...initial(), settings, difference: model.get("difference"), speed: model.get("speed") });
}

export default {
  render({ model, el }) {
    let writing = false; // our own changes come back as events
    const startsOf = () => SIDES.map((side) => floats(model.get(`${side}_start`)));
    const send = (values) => {
      writing = true;
      for (const [key, value] of Object.entries(values)) model.set(key, value);
      model.save_changes();
      writing = false;
    };

    const element = document.createElement("div");
    // JupyterLab leaves keys to an element that says so itself; otherwise X would cut the cell.
    element.addEventListener("focusin", ({ target }) => { target.dataset.lmSuppressShortcuts = ""; });
    el.append(element);
    const first = stateOf(model);
    first.state.step = model.get("step"); // shown once more: on to where training rested
    const networksOf = ({ settings, difference }) => JSON.stringify([settings, difference]);
    let shown = networksOf(first.state);
    const lab = mount(element, {
      ...first,
      starts: startsOf(),
      onState(state) {
        const { settings, difference, speed } = state;
        if (networksOf(state) !== shown) {
          shown = networksOf(state);
          send({ ...settings, difference, speed, step: 0, left_start: NONE(), right_start: NONE() });
        } else if (speed !== model.get("speed")) send({ speed });
      },
      async onFrame(frame) {
        if (!lab?.trainer.resting) return;
        const found = { step: frame.step };
        const parameters = await lab.trainer.parameters();
        if (!lab.trainer.resting || lab.frame !== frame) return;
        SIDES.forEach((side, i) => {
          found[`${side}_now`] = parameters[i] ? bytes(parameters[i].now) : NONE();
          const history = lab.chart.histories[i];
          found[`${side}_history`] = history ? bytes(rows(history)) : NONE();
        });
        send(found);
      },
    });

    // Python, or another view of the same lab, is elsewhere.
    const follow = () => {
      if (!writing && model.get("step") !== lab.frame?.step) lab.trainer.reach(model.get("step"));
    };
    const settingsChanged = () => {
      if (writing) return;
      const { state, problems } = stateOf(model);
      if (networksOf(state) === shown) return;
      shown = networksOf(state);
      lab.set(state, problems);
    };
    for (const key of [...Object.keys(defaults()), "difference"]) {
      model.on(`change:${key}`, settingsChanged);
    }
    model.on("change:speed", () => lab.setSpeed(model.get("speed")));
    model.on("change:step", follow);
    for (const side of SIDES) {
      model.on(`change:${side}_start`, () => !writing && lab.startFrom(startsOf()));
    }
    model.on("msg:custom", ({ act, step }) => {
      if (act === "step") lab.trainer.step(step);
      else if (act === "goTo") lab.trainer.goTo(step);
      else if (act === "play") lab.trainer.play();
      else if (act === "pause") lab.trainer.pause();
    });
    element.lab = lab;
    return () => lab.destroy();
  },
};
