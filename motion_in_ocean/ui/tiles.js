// How many nodes are in each state; a click shows these alone.

import { make, setText } from "./dom.js";
import { toneOf } from "./nodes.js";
import { words } from "./dashboard-strings.js";

// How many of the first are there even if they count nothing.
const ALWAYS = 5;

export class Tiles {
  constructor(group, choose) {
    this.tiles = Object.entries({ "": words.total, ...words.states }).map(([state, label]) => {
      const count = make("strong");
      const button = make("button", {}, count, ` ${label}`);
      button.dataset.state = state && toneOf(state);
      button.addEventListener("click", () => choose(state === this.chosen ? "" : state));
      group.append(button);
      return { state, button, count };
    });
  }

  show(rows, chosen) {
    this.chosen = chosen;
    this.tiles.forEach(({ state, button, count }, place) => {
      const found = rows.filter((row) => !state || row.state === state).length;
      setText(count, String(found));
      button.hidden = !found && place >= ALWAYS && state !== chosen;
      button.ariaPressed = String(state === chosen);
    });
  }
}
