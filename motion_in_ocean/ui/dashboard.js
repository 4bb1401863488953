// The page of management mode: which nodes there are, and how each is.

import { explain } from "./api.js";
import { Choice } from "./choice.js";
import { element, make, on, setLines, setText } from "./dom.js";
import { Drawer } from "./drawer.js";
import { newsOf } from "./events.js";
import { Fleet } from "./fleet.js";
import { NodeForm } from "./node-form.js";
import { ageIn, chosen } from "./nodes.js";
import { Line } from "./nodes-table.js";
import { Pictures } from "./pictures.js";
import { words } from "./dashboard-strings.js";
import { Tiles } from "./tiles.js";
import { View } from "./view.js";
import { Card } from "./wall.js";

const TITLE = document.title;
const TYPING_MS = 150;

const fleet = new Fleet((news) => {
  show();
  if (news.length) {
    setText(element("news"), newsOf(news));
  }
});
const choice = new Choice(() => show());
const pictures = new Pictures(() => fleet.isKnown);
const tiles = new Tiles(element("tiles"), (state) => choice.set({ state }));
const views = {
  table: new View(element("nodes"), () => new Line()),
  wall: new View(element("wall"), () => new Card(pictures)),
};
const form = new NodeForm(fleet, (node) => {
  choice.set({ node: node.id });
  drawer.askNow();
});
const drawer = new Drawer(fleet, choice, pictures, form);

// In the drawer too, behind which the page cannot be seen or heard.
function showState() {
  const { problem, isWaiting, isKnown, answeredAt } = fleet;
  const trouble = problem ? explain(problem) : isWaiting ? words.waiting : "";
  element("state").dataset.state = problem ? "lost" : isKnown ? "live" : "trouble";
  setText(element("state"), trouble || (isKnown ? words.upToDate : words.asking));
  setText(element("drawer-problem"), trouble);
  document.body.toggleAttribute("data-stale", !isKnown && answeredAt !== null);
  tick();
}

function tick() {
  const age = ageIn((performance.now() - fleet.answeredAt) / 1000);
  const text = document.body.hasAttribute("data-stale") ? words.stale(age) : "";
  setText(element("since"), text);
  setText(element("drawer-since"), text);
}

function showTools(rows, shown) {
  const labels = new Set(rows.flatMap((row) => row.labels).sort());
  const options = [["", words.any], ...[...labels].map((label) => [label, label])];
  setLines(element("label"), options, ([value, text]) => make("option", { value, text }));
  for (const name of ["view", "label", "sort"]) {
    element("tools").elements[name].value = choice[name];
  }
  if (document.activeElement !== element("q")) {
    element("q").value = choice.q;
  }
  const { q, state, label } = choice;
  setText(element("shown"), words.shown(shown.length, rows.length));
  element("filtered").hidden = !(q || state || label);
}

function show() {
  showState();
  const rows = [...fleet.rows.values()];
  const shown = chosen(rows, choice);
  const view = choice.view === "wall" ? "wall" : "table";
  tiles.show(rows, choice.state);
  showTools(rows, shown);
  for (const [name, each] of Object.entries(views)) {
    each.show(name === view ? shown : [], fleet);
    element(name).hidden = name !== view || !shown.length;
  }
  element("empty").hidden = fleet.answeredAt === null || rows.length > 0;
  element("tools").hidden = !rows.length;
  const down = rows.filter((row) => !["streaming", "unsupported"].includes(row.state)).length;
  document.title = `${down ? `(${down}) ` : ""}${TITLE}`;
  drawer.show();
  pictures.go();
}

let typing;
on("tools", "submit", (event) => event.preventDefault());
on("tools", "change", ({ target }) => choice.set({ [target.name]: target.value }));
on("q", "input", ({ target }) => {
  clearTimeout(typing);
  typing = setTimeout(() => choice.set({ q: target.value }), TYPING_MS);
});
on("all", "click", () => {
  choice.set({ state: "", label: "", q: "" });
  element("q").focus();
});
document.addEventListener("click", (event) => {
  const node = event.target.closest("a[data-node]")?.dataset.node;
  if (node && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    choice.set({ node });
  }
});
on("add", "click", () => form.add());
element("open").hidden = document.body.dataset.openToNetwork !== "yes";
setInterval(tick, 1000);
show();
fleet.refresh();
