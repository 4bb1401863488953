// Which nodes have changed their state, the newest first.

import { make, setLines } from "./dom.js";
import { showPill } from "./nodes-table.js";
import { words } from "./dashboard-strings.js";

const MOST = 50;

const stateOf = ({ state }) => (state === "ready" ? "streaming" : state);

function item(event) {
  const textContent = new Date(event.timestamp).toLocaleString();
  const time = make("time", { dateTime: event.timestamp, textContent });
  const pill = make("span");
  showPill(pill, stateOf(event));
  const why = make("small", { className: "muted", textContent: event.message ?? event.reason });
  return make("li", {}, time, " ", pill, " ", why);
}

export function showEvents(list, events) {
  setLines(list, events.slice(-MOST).reverse(), item);
}

// Not too long to be listened to.
export function newsOf(events) {
  const said = events.slice(-3).map((event) => `${event.name}: ${words.states[stateOf(event)]}.`);
  const others = events.length - said.length;
  return (others ? [...said, words.others(others)] : said).join(" ");
}
