// The camera's controls. They act while they are moved: one request at a time, with the newest.

import { answerOf } from "./answer.js";
import { Control, label } from "./control.js";
import { element, on, setText } from "./dom.js";
import { viewer as strings } from "./strings.js";

const PAUSE_MS = 150;
const ANSWER_MS = 10_000;

export class Controls {
  constructor() {
    this.rows = new Map();
    this.wishes = new Map();
    this.isBusy = false;
    on("camera", "toggle", () => element("camera").open && this.read());
  }

  // Asks what there is.
  async read() {
    const { answer } = await answerOf("api/camera");
    const there = Object.entries(answer?.controls ?? {});
    if (there.length === 0) {
      return;
    }
    if (there.map(([name]) => name).join() === [...this.rows.keys()].join()) {
      // Not made anew: somebody may be moving them.
      this.show(there.map(([name, { value }]) => [name, value ?? this.rows.get(name).initial]));
      return;
    }
    const wish = (name) => (value) => this.wish(name, value);
    this.rows = new Map(there.map(([name, it]) => [name, new Control(name, it, wish(name))]));
    const places = [...this.rows.values()].map((row) => row.place);
    element("controls").replaceChildren(element("controls").firstElementChild, ...places);
    const absent = Object.keys(strings.controls).filter((name) => !this.rows.has(name));
    element("absent").hidden = absent.length === 0;
    setText(element("absent"), strings.absent(absent.map(label).join(", ")));
    element("camera").hidden = false;
  }

  // What is about to be changed stays as it is wished for.
  show(values) {
    for (const [name, value] of values) {
      if (!this.isBusy && !this.wishes.has(name)) {
        this.rows.get(name)?.show(value);
      }
    }
  }

  // Whether the camera runs.
  wake(isAwake) {
    element("controls").disabled = !isAwake;
    element("asleep").hidden = isAwake;
  }

  wish(name, value) {
    this.wishes.set(name, value);
    this.timer ??= setTimeout(() => this.send(), PAUSE_MS);
  }

  async send() {
    this.timer = null;
    if (this.isBusy || this.wishes.size === 0) {
      return;
    }
    this.isBusy = true;
    const wishes = this.wishes;
    this.wishes = new Map();
    const { applied = {}, problems } = await this.post(wishes);
    this.isBusy = false;
    const isOneWrong = [...wishes.keys()].some((name) => problems?.[name]);
    for (const [name, value] of wishes) {
      setText(this.rows.get(name).problem, problems?.[name] ?? "");
      // Then none is set: the others go once more.
      if (isOneWrong && !problems[name] && !this.wishes.has(name)) {
        this.wishes.set(name, value);
      }
    }
    this.show(Object.entries(applied));
    this.send();
  }

  // Returns what was set, or what was wrong with which.
  async post(wishes) {
    const body = JSON.stringify(Object.fromEntries(wishes));
    let error;
    try {
      const signal = AbortSignal.timeout(ANSWER_MS);
      const headers = { "Content-Type": "application/json" };
      const response = await fetch("api/actions/controls", { method: "POST", headers, body, signal });
      const answer = await response.json();
      if (response.ok) {
        return answer;
      }
      ({ error } = answer);
    } catch {}
    const why = error?.message ?? strings.notSet;
    const all = [...wishes.keys()].map((name) => [name, why]);
    return { problems: error?.details?.problems ?? Object.fromEntries(all) };
  }
}
