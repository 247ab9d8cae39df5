// The form: what both networks share, and the one thing in which the right one differs.

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
  /** `onSetting(setting, value)`, `onDifference(difference)`, `onPreset(name)`. */
  constructor({ onSetting, onDifference, onPreset, chapterLink }) {
    this.onDifference = onDifference;
    this.fields = {};
    this.preset = make("select", { id: newId("preset"), onchange: () => onPreset(this.preset.value) },
      make("option", { value: "" }, "your own settings"),
      ...PRESETS.map(({ name, title }) => make("option", { value: name }, title)));
    this.story = make("p", { class: "lab-story" });
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
    this.other = make("div", { class: "lab-other" });
    const difference = make("fieldset", { class: "lab-difference" },
      make("legend", {}, "The right network differs in"),
      make("div", { class: "lab-field" },
        make("label", { for: this.what.id, class: "lab-hidden" }, "setting that differs"), this.what),
      this.other);
    this.settings = make("details", { class: "lab-settings" },
      make("summary", {}, "Settings"),
      make("form", { autocomplete: "off", onsubmit: (event) => event.preventDefault() }, ...groups));
    this.element = make("div", { class: "lab-controls" },
      make("div", { class: "lab-choose" },
        make("div", { class: "lab-field" },
          make("label", { for: this.preset.id }, "Experiment"), this.preset),
        this.story),
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
    this.tellStory(preset);
    for (const [setting, { element, show }] of Object.entries(this.fields)) {
      element.hidden = MEANINGLESS[setting]?.(settings) ?? false;
      show(settings[setting], settings);
    }
    this.what.value = difference?.setting ?? "";
    if (difference?.setting !== this.otherSetting) {
      this.otherSetting = difference?.setting;
      this.otherField = difference && field(
        difference.setting,
        (value) => this.onDifference({ setting: difference.setting, value }),
        `${LABELS[difference.setting]}, right`);
      this.other.replaceChildren(...(difference ? [this.otherField.element] : []));
    }
    if (difference) this.otherField.show(difference.value, { ...settings, [difference.setting]: difference.value });
  }

  tellStory(preset) {
    if (!preset) {
      return write(this.story,
        "Change one thing and press play. Rewind goes back to the very same first weights.");
    }
    this.story.replaceChildren(preset.sentence);
    const link = this.chapterLink?.(preset.chapter);
    if (link) this.story.append(" ", make("a", { href: link }, "The story in the chapter"));
  }

  /** Mark the control of a refused value; null for none. */
  refuse(setting) {
    for (const [name, { input }] of [...Object.entries(this.fields), ["right", this.otherField ?? {}]]) {
      if (name === setting) input?.setAttribute("aria-invalid", "true");
      else input?.removeAttribute("aria-invalid");
    }
  }
}
