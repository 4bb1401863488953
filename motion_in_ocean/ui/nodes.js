// What is known of a node, in the words of the page: its state, why, and what to try.

import { words } from "./dashboard-strings.js";

const STATES = {
  NODE_UNREACHABLE: "unreachable",
  NODE_UNAUTHORIZED: "unauthorized",
  NODE_INVALID_RESPONSE: "invalid_response",
  TRANSPORT_UNSUPPORTED: "unsupported",
};

const TONES = { streaming: "live", not_ready: "trouble", unsupported: "", unknown: "" };

const RECENT_SECONDS = 60;

const UNITS = Object.entries({ d: 86_400, h: 3600, min: 60, s: 1 });

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const WORST_FIRST = ["lost", "trouble", "", "live"];
const byName = (a, b) => collator.compare(a.name, b.name);

const ORDERS = {
  name: byName,
  state: (a, b) => rankOf(a) - rankOf(b),
  fps: (a, b) => (a.fps ?? -1) - (b.fps ?? -1),
  seen: (a, b) => Date.parse(a.seen) - Date.parse(b.seen),
};

// What comes from nodes may be called anything, and be anything.
const among = (table, key) =>
  typeof key === "string" && Object.hasOwn(table, key) ? table[key] : undefined;
const text = (value) => (typeof value === "string" ? value.slice(0, 300) : "");

export const toneOf = (state) => TONES[state] ?? "lost";

const rankOf = ({ state }) => WORST_FIRST.indexOf(toneOf(state));

export const adviceOn = ({ code, details }) =>
  among(words.advice, details?.reason) ?? among(words.advice, code) ?? "";

export const labelsOf = (node) =>
  Object.entries(node?.labels ?? {}).map(([name, value]) => `${name} = ${value}`);

export function rowOf(entry, node) {
  const { node_id: id, name, error, stream_available: streams, ready_probe: ready } = entry;
  const { message, reason, current_fps: fps } = ready?.payload ?? {};
  const labels = labelsOf(node);
  const parts = [name, id, node?.base_url, ...labels, ...(node?.capabilities ?? [])];
  return {
    id,
    name,
    entry,
    node,
    labels,
    state: streams ? "streaming" : error ? (among(STATES, error.code) ?? "unknown") : "not_ready",
    why: streams ? "" : (error?.message ?? (text(message) || text(reason) || words.noReason)),
    advice: streams ? "" : adviceOn(error ?? { details: { reason } }),
    fps: typeof fps === "number" ? fps : null,
    // Of those that do not answer, when they did last.
    seen: error ? node?.last_seen : entry.checked_at,
    text: parts.join("\n").toLowerCase(),
  };
}

export function ageIn(seconds) {
  const [unit, size] = UNITS.find(([, least]) => seconds >= least) ?? UNITS.at(-1);
  return `${Math.floor(seconds / size)} ${unit}`;
}

// What is well does not change all the time. A node that was never seen was registered with the
// beginning of time.
export function agoOf(time, fleet) {
  if (!(Date.parse(time) > 0)) {
    return words.never;
  }
  const age = fleet.ageOf(time);
  return age < RECENT_SECONDS ? words.recently : words.ago(ageIn(age));
}

export function chosen(rows, { q, state, label, sort }) {
  const sought = q.toLowerCase().split(/\s+/);
  const order = among(ORDERS, sort) ?? byName;
  return rows
    .filter(
      (row) =>
        (!state || row.state === state) &&
        (!label || row.labels.includes(label)) &&
        sought.every((word) => row.text.includes(word)),
    )
    .sort((a, b) => order(a, b) || byName(a, b));
}
