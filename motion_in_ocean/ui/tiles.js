// How many nodes are in each state; a click shows these alone.

import { make, setText } from "./dom.js";
import { toneOf } from "./nodes.js";
import { words } from "./dashboard-strings.js";

const ALWAYS = ["", "streaming", "not_ready", "unreachable", "unauthorized"];

export class Tiles {
  constructor(group, choose) {
    this.tiles = Object.entries({ "": words.total, ...words.states }).map(([state, label]) => {
      const count = make("strong");
      const button = make("button", { type: "button", className: "panel" }, count, ` ${label}`);
      button.dataset.tone = state && toneOf(state);
      button.addEventListener("click", () => choose(state === this.chosen ? "" : state));
      group.append(button);
      return { state, button, count };
    });
  }

  show(rows, chosen) {
    this.chosen = chosen;
    for (const { state, button, count } of this.tiles) {
      const found = rows.filter((row) => !state || row.state === state).length;
      setText(count, String(found));
      button.hidden = !found && !ALWAYS.includes(state) && state !== chosen;
      button.ariaPressed = String(state === chosen);
    }
  }
}
