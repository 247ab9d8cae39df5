// The form: what both networks share, and the one thing in which they differ.

import { DATA } from "./data.js";
import { make, newId, write } from "./dom.js";
import { field } from "./fields.js";
import { PRESETS } from "./presets.js";
import { DIFFERENCES } from "./state.js";
import { LABELS } from "./words.js";

const GROUPS = {
  Data: ["data", "n_samples", "n_classes", "noise", "low"],
  Network: ["depth", "width", "activation", "loss"],
  Start: ["weights", "biases", "seed"],
  Training: ["learning_rate", "batch_size", "sum"],
};

/** Settings that mean nothing beside others: they are not shown. */
const MEANINGLESS = {
  n_samples: ({ data }) => data === "xor",
  noise: ({ data }) => data === "xor",
  low: ({ data }) => data !== "xor",
  n_classes: ({ data }) => DATA[data].classes.atMost === DATA[data].classes.atLeast,
};

const SIDES = ["left", "right"];

/** What another value is, to begin with, when the reader chooses a setting to differ in. */
const OTHERS = {
  weights: [{ name: "glorot_normal" }, { name: "zeros" }],
  biases: [{ name: "zeros" }, { name: "normal", std: 1 }],
  activation: ["tanh", "relu"],
  depth: [3, 5],
  width: [8, 17],
  loss: ["binary_cross_entropy", "squared_error"],
  learning_rate: [0.1, 1],
  batch_size: [null, 16],
  sum: ["ordered", "edge_backwards"],
};

export class Controls {
  /** `onSetting(setting, value)`, `onDifference(difference)`, `onPreset(name)`, `onEnd()`. */
  constructor({ onSetting, onDifference, onPreset, onEnd, chapterLink }) {
    this.onSetting = onSetting;
    this.onDifference = onDifference;
    this.fields = {};
    this.both = [];
    this.own = make("option", { value: "" }, "your own settings");
    this.preset = make("select", { id: newId("preset"), onchange: () => onPreset(this.preset.value) },
      this.own,
      ...PRESETS.map(({ name, title }) => make("option", { value: name }, title)));
    this.story = make("p", { class: "lab-story" });
    this.end = make("button", { type: "button", class: "lab-end", onclick: onEnd });
    this.link = make("a", {}, "The story in the chapter");
    this.actions = make("div", { class: "lab-actions" }, this.end, this.link);
    this.chapterLink = chapterLink;
    const groups = Object.entries(GROUPS).map(([title, settings]) => make("fieldset", {},
      make("legend", {}, title),
      ...settings.map((setting) => {
        this.fields[setting] = field(setting, (value) => onSetting(setting, value));
        return this.fields[setting].element;
      })));
    this.what = make("select", {
      id: newId("difference"), onchange: () => this.differIn(this.what.value) },
      make("option", { value: "" }, "nothing: one network"),
      ...DIFFERENCES.map((setting) => make("option", { value: setting }, LABELS[setting])));
    this.pair = make("div", { class: "lab-pair" });
    const difference = make("fieldset", { class: "lab-difference" },
      make("legend", {}, "The networks differ in"),
      make("div", { class: "lab-field" },
        make("label", { for: this.what.id, class: "lab-hidden" }, "setting that differs"), this.what),
      this.pair);
    this.settings = make("details", { class: "lab-settings" },
      make("summary", {}, "Settings"),
      make("form", { autocomplete: "off", onsubmit: (event) => event.preventDefault() }, ...groups));
    this.element = make("div", { class: "lab-controls" },
      make("div", { class: "lab-choose" },
        make("div", { class: "lab-field" },
          make("label", { for: this.preset.id }, "Experiment"), this.preset),
        this.story,
        this.actions),
      difference,
      this.settings);
  }

  differIn(setting) {
    if (setting === "") return this.onDifference(null);
    const own = JSON.stringify(this.config[setting]);
    const value = OTHERS[setting].find((other) => JSON.stringify(other) !== own);
    return this.onDifference({ setting, value });
  }

  show({ settings, difference }, preset) {
    this.config = settings;
    this.preset.value = preset?.name ?? "";
    this.own.disabled = Boolean(preset); // not chosen: what settings are that no preset has
    this.tellStory(preset);
    for (const [setting, { element, show }] of Object.entries(this.fields)) {
      element.hidden = setting === difference?.setting || (MEANINGLESS[setting]?.(settings) ?? false);
      show(settings[setting], settings);
    }
    this.what.value = difference?.setting ?? "";
    this.showPair(settings, difference);
  }

  /** The setting that differs, once for each network. */
  showPair(settings, difference) {
    const setting = difference?.setting;
    if (setting !== this.differing) {
      this.differing = setting;
      const changes = [
        (value) => this.onSetting(setting, value),
        (value) => this.onDifference({ setting, value }),
      ];
      this.both = setting
        ? SIDES.map((side, i) => field(setting, changes[i], `${LABELS[setting]}, ${side}`)) : [];
      this.pair.replaceChildren(...this.both.map(({ element }) => element));
    }
    if (!difference) return;
    this.both[0].show(settings[setting], settings);
    this.both[1].show(difference.value, { ...settings, [setting]: difference.value });
  }

  tellStory(preset) {
    write(this.story, preset?.sentence ??
      "Change one thing and press play. Rewind goes back to the very same first weights.");
    const link = preset && this.chapterLink?.(preset.chapter);
    this.actions.hidden = !preset;
    this.link.hidden = !link;
    if (link) this.link.href = link;
    if (preset) write(this.end, `Go to step ${preset.steps}`);
  }

  /** Mark the control of a refused value: a setting's, or "right" for the right network's; null for none. */
  refuse(setting) {
    const [left, right] = this.both;
    const own = this.differing ? { ...this.fields, [this.differing]: left, right } : this.fields;
    for (const [name, { input }] of Object.entries(own)) {
      if (name === setting) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  }
}
