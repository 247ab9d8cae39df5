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

const SIDES = ["left", "right"];
const HISTORY = ["rms_h", "rms_delta", "rms_grad_W"];

function table(history) {
  const plain = { step: [...history.steps], loss: [...history.loss] };
  for (const name of HISTORY) {
    history[name].forEach((column, l) => { plain[`${name} ${l + 1}`] = [...column]; });
  }
  return plain;
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
    el.append(element);
    let settled = "";
    const lab = mount(element, {
      ...stateOf(model),
      starts: startsOf(),
      onState({ settings, difference, speed }) {
        const next = JSON.stringify([settings, difference, speed]);
        if (next !== settled) send({ ...settings, difference, speed });
        settled = next;
      },
      async onFrame(frame) {
        if (!lab?.trainer.resting) return;
        const found = { step: frame.step };
        const parameters = await lab.trainer.parameters();
        if (!lab.trainer.resting || lab.frame !== frame) return;
        SIDES.forEach((side, i) => {
          found[`${side}_now`] = parameters[i] ? bytes(parameters[i].now) : bytes(new Float64Array(0));
          const history = lab.chart.histories[i];
          found[`${side}_history`] = history ? table(history) : {};
        });
        send(found);
      },
    });

    const settingsChanged = () => {
      if (writing) return;
      const { state, problems } = stateOf(model);
      const next = JSON.stringify([state.settings, state.difference, state.speed]);
      if (next === settled) return;
      settled = next;
      lab.set(state, problems);
    };
    for (const key of [...Object.keys(defaults()), "difference", "speed"]) {
      model.on(`change:${key}`, settingsChanged);
    }
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
