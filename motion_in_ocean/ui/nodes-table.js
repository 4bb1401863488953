// The nodes as a table.

import { make, setLines, setText } from "./dom.js";
import { agoOf, toneOf } from "./nodes.js";
import { words } from "./dashboard-strings.js";

export function showLink(link, row) {
  link.dataset.node = row.id;
  link.href = `#node=${encodeURIComponent(row.id)}`;
  setText(link, row.name);
}

export function showPill(pill, state) {
  pill.className = "pill";
  pill.dataset.state = toneOf(state);
  setText(pill, words.states[state]);
}

export class Line {
  link = make("a");
  labels = make("ul", { className: "labels" });
  state = make("span");
  why = make("small", { className: "muted" });
  fps = make("td", { className: "number" });
  seen = make("td", { className: "number" });
  element = make(
    "tr",
    {},
    make("th", { scope: "row" }, this.link, this.labels),
    make("td", {}, this.state, this.why),
    this.fps,
    this.seen,
  );

  show(row, fleet) {
    if (row !== this.row) {
      this.row = row;
      showLink(this.link, row);
      showPill(this.state, row.state);
      setText(this.why, row.why);
      setText(this.fps, row.fps?.toFixed(1) ?? "");
      setLines(this.labels, row.labels, (label) => make("li", {}, label));
    }
    setText(this.seen, agoOf(row.seen, fleet));
  }
}
