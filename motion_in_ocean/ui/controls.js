// The camera's controls. They act while they are moved: one request at a time, with the newest.

import { element, make, on, setText } from "./dom.js";
import { number } from "./format.js";
import { Scale, STEPS } from "./scale.js";
import { viewer as strings } from "./strings.js";

const PAUSE_MS = 150;
const ANSWER_MS = 10_000;

const label = (name) => strings.controls[name] ?? name.replaceAll("_", " ");

function reading(value, unit) {
  if (typeof value !== "number") {
    return value;
  }
  if (unit === "microseconds") {
    return value < 1e6 ? `${number(value / 1000, value < 1e5 ? 1 : 0)} ms` : `${number(value / 1e6, 1)} s`;
  }
  const digits = Number.isInteger(value) ? 0 : 2;
  return unit ? `${number(value, digits)} ${unit}` : number(value, digits);
}

export class Controls {
  constructor() {
    this.rows = new Map();
    this.wishes = new Map();
    this.isAwake = true;
    on("camera", "toggle", () => element("camera").open && this.read());
  }

  // Ask what there is.
  async read() {
    const response = await fetch("api/camera", { cache: "no-store" }).catch(() => null);
    if (!response?.ok) {
      return;
    }
    const { controls } = await response.json();
    const names = Object.keys(controls);
    if (names.length === 0) {
      return;
    }
    if (names.join() === [...this.rows.keys()].join()) {
      // Not made anew: somebody may be moving them.
      this.show(names.map((name) => [name, controls[name].value ?? this.rows.get(name).initial]));
      return;
    }
    this.rows = new Map(names.map((name) => [name, this.row(name, controls[name])]));
    element("controls").replaceChildren(
      element("controls").firstElementChild,
      ...[...this.rows.values()].map((row) => row.place),
    );
    const absent = Object.keys(strings.controls).filter((name) => !this.rows.has(name));
    element("absent").hidden = absent.length === 0;
    setText(element("absent"), strings.absent(absent.map(label).join(", ")));
    element("camera").hidden = false;
  }

  // What is about to be changed stays as it is wished for.
  show(values) {
    for (const [name, value] of values) {
      if (!this.isBusy && !this.wishes.has(name)) {
        this.rows.get(name).show(value);
      }
    }
  }

  // Whether the camera runs.
  wake(isAwake) {
    if (isAwake !== this.isAwake) {
      this.isAwake = isAwake;
      element("controls").disabled = !isAwake;
      element("asleep").hidden = isAwake;
      setText(element("asleep"), strings.asleep);
    }
  }

  row(name, it) {
    const id = `control-${name}`;
    const isNumber = it.kind !== "choice";
    const scale = isNumber && new Scale(it);
    const input = isNumber
      ? make("input", { type: "range", max: STEPS })
      : make("select", { className: "field" }, ...it.choices.map((each) => make("option", {}, each)));
    input.id = id;
    input.setAttribute("aria-describedby", `${id}-help ${id}-problem`);
    const output = make("output", { className: "number" });
    const reset = make("button", { type: "button", className: "button quiet", textContent: strings.reset });
    reset.setAttribute("aria-label", strings.resetOf(label(name)));
    const problem = make("p", { id: `${id}-problem`, className: "problem", role: "status" });
    const automatic = make("input", { type: "checkbox", role: "switch" });

    const show = (value) => {
      const isAutomatic = it.zero_is_automatic && value === 0;
      automatic.checked = isAutomatic;
      input.disabled = isAutomatic;
      if (!isNumber) {
        input.value = value;
      } else if (!isAutomatic && value !== null) {
        input.value = scale.position(value);
      }
      const text = isAutomatic ? strings.automatic : isNumber ? reading(value, it.unit) : "";
      setText(output, text ?? "");
      if (isNumber) {
        input.setAttribute("aria-valuetext", text);
      }
      reset.hidden = it.default === null || value === it.default;
    };
    const chosen = () => (isNumber ? scale.value(input.valueAsNumber) : input.value);
    const wish = (value) => {
      show(value);
      this.wish(name, value);
    };
    input.addEventListener(isNumber ? "input" : "change", () => wish(chosen()));
    automatic.addEventListener("change", () => wish(automatic.checked ? 0 : chosen()));
    reset.addEventListener("click", () => {
      wish(it.default);
      (input.disabled ? automatic : input).focus();
    });
    if (isNumber) {
      input.value = scale.position(it.measured || it.minimum);
    }
    // Left to the camera.
    const initial = it.zero_is_automatic ? 0 : (it.measured ?? it.default);
    show(it.value ?? initial);

    const place = make(
      "div",
      { className: "control" },
      make("label", { htmlFor: id }, label(name)),
      output,
      reset,
      input,
      make("p", { id: `${id}-help`, className: "muted" }, it.help),
      problem,
    );
    if (it.zero_is_automatic) {
      input.before(make("label", { className: "switch" }, automatic, strings.automatic));
    }
    return { place, show, problem, initial };
  }

  wish(name, value) {
    this.wishes.set(name, value);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), PAUSE_MS);
  }

  async send() {
    if (this.isBusy || this.wishes.size === 0) {
      return;
    }
    this.isBusy = true;
    const wishes = this.wishes;
    this.wishes = new Map();
    const { applied = {}, problems } = await this.post(wishes);
    this.isBusy = false;
    for (const name of wishes.keys()) {
      setText(this.rows.get(name).problem, problems[name] ?? "");
    }
    this.show(Object.entries(applied));
    this.send();
  }

  // Returns what was set, and what was wrong with which.
  async post(wishes) {
    const all = (problem) => Object.fromEntries([...wishes.keys()].map((name) => [name, problem]));
    let response, answer;
    try {
      response = await fetch("api/actions/controls", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(Object.fromEntries(wishes)),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      answer = await response.json();
    } catch {
      return { problems: all(strings.notSet) };
    }
    if (!response.ok) {
      const { details, message } = answer.error;
      const problems = details?.problems ?? all(message);
      for (const [name, value] of wishes) {
        // One that is wrong, and none is set.
        if (!(name in problems) && !this.wishes.has(name)) {
          this.wishes.set(name, value);
        }
      }
      return { problems };
    }
    return { applied: answer.applied, problems: {} };
  }
}
