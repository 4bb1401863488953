// One of the camera's controls: what moves it, what it is, and what was wrong with it.

import { make, setText } from "./dom.js";
import { number } from "./format.js";
import { Scale, STEPS } from "./scale.js";
import { viewer as strings } from "./strings.js";

export const label = (name) => strings.controls[name] ?? name.replaceAll("_", " ");

function reading(value, unit) {
  if (unit === "microseconds") {
    return value < 1e6 ? `${number(value / 1000, 1)} ms` : `${number(value / 1e6, 1)} s`;
  }
  const text = number(value, Number.isInteger(value) ? 0 : 2);
  return unit ? `${text} ${unit}` : text;
}

export class Control {
  // it: as /api/camera tells of it. wish: called with the value that somebody wants.
  constructor(name, it, wish) {
    this.it = it;
    this.isNumber = it.kind !== "choice";
    this.scale = this.isNumber && new Scale(it);
    // While it is left to the camera.
    this.initial = it.zero_is_automatic ? 0 : (it.measured ?? it.default);
    this.make(`control-${name}`, label(name));
    const choose = (value) => {
      this.show(value);
      wish(value);
    };
    this.input.addEventListener("input", () => choose(this.chosen));
    this.automatic.addEventListener("change", () =>
      choose(this.automatic.checked ? 0 : this.chosen),
    );
    this.reset.addEventListener("click", () => {
      choose(it.default);
      (this.input.disabled ? this.automatic : this.input).focus();
    });
    this.show(it.value ?? this.initial);
  }

  make(id, name) {
    const { it } = this;
    const choices = (it.choices ?? []).map((each) => make("option", {}, each));
    this.input = this.isNumber
      ? make("input", { id, type: "range", max: STEPS })
      : make("select", { id, className: "field" }, ...choices);
    this.input.setAttribute("aria-describedby", `${id}-help ${id}-problem`);
    if (this.isNumber) {
      this.input.value = this.scale.position(it.measured || it.minimum);
    }
    this.output = make("span", { className: "number" });
    this.automatic = make("input", { type: "checkbox", role: "switch" });
    this.automatic.setAttribute("aria-label", strings.automaticOf(name));
    this.problem = make("p", { id: `${id}-problem`, className: "problem", role: "status" });
    this.reset = make("button", { type: "button", className: "button quiet" }, strings.reset);
    this.reset.setAttribute("aria-label", strings.resetOf(name));
    this.place = make(
      "div",
      { className: "control" },
      make("label", { htmlFor: id }, name),
      this.output,
      this.reset,
      this.input,
      make("p", { id: `${id}-help`, className: "muted" }, it.help),
      this.problem,
    );
    if (it.zero_is_automatic) {
      this.input.before(
        make("label", { className: "switch" }, this.automatic, strings.automatic),
      );
    }
  }

  get chosen() {
    return this.isNumber ? this.scale.value(this.input.valueAsNumber) : this.input.value;
  }

  show(value) {
    const { input, it } = this;
    const isAutomatic = it.zero_is_automatic && value === 0;
    this.automatic.checked = input.disabled = isAutomatic;
    this.reset.hidden = it.default === null || value === it.default;
    if (!this.isNumber) {
      input.value = value;
      return;
    }
    const text = isAutomatic ? "" : reading(value, it.unit);
    setText(this.output, text);
    input.setAttribute("aria-valuetext", text);
    if (!isAutomatic && value !== null) {
      input.value = this.scale.position(value);
    }
  }
}
