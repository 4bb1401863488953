// All that is known of one node.

import { confirmed, showAnswer, startActions } from "./actions.js";
import { explain, pathOf, request } from "./api.js";
import { element, make, on, setLines, setText } from "./dom.js";
import { showEvents } from "./events.js";
import { showPill } from "./nodes-table.js";
import { agoOf } from "./nodes.js";
import { Picture } from "./pictures.js";
import { words } from "./dashboard-strings.js";

const WIDTH = 960;
const PROBES = { health: "/health", ready_probe: "/ready", metrics: "/metrics" };

// A link leads to a page or nowhere.
const isWeb = (address) => /^https?:\/\//.test(address ?? "");

const fact = ([name, value]) =>
  make("div", {}, make("dt", { textContent: name }), make("dd", { textContent: value }));

export class Drawer {
  #dialog = element("drawer");
  #picture = new Picture(WIDTH);
  #probes = Object.entries(PROBES).map(([key, path]) => {
    const summary = make("summary");
    const text = make("pre", { tabIndex: 0, ariaLabel: path });
    element("probes").append(make("details", {}, summary, text));
    return { key, path, summary, text };
  });

  constructor(fleet, choice, pictures, form) {
    Object.assign(this, { fleet, choice, pictures });
    element("drawer-picture").append(this.#picture.figure);
    on("drawer", "close", () => choice.node && choice.close());
    on("close", "click", () => this.#dialog.close());
    on("again", "click", () => this.askNow());
    on("edit", "click", () => this.#tell((id) => form.edit(id, () => id === this.id)));
    on("delete", "click", () => this.#tell((id) => this.#remove(id)));
    startActions(() => this.row);
  }

  get row() {
    return this.fleet.rows.get(this.id);
  }

  // The node that is chosen, if there is one.
  show() {
    if (this.id !== this.choice.node) {
      this.id = this.choice.node;
      showAnswer("");
      setText(element("asked"), "");
    }
    if (!this.id) {
      this.pictures.remove(this.#picture);
      this.#dialog.close();
      return;
    }
    const { row } = this;
    element("drawer-body").hidden = element("drawer-state").hidden = !row;
    setText(element("drawer-name"), row?.name ?? this.id);
    const none = this.fleet.answeredAt === null ? words.asking : words.gone;
    setText(element("drawer-why"), row?.why ?? none);
    setText(element("drawer-advice"), row?.advice ?? "");
    if (row) {
      this.#fill(row);
    }
    if (!this.#dialog.open) {
      this.#dialog.showModal();
      element("drawer-name").focus();
    }
  }

  #fill(row) {
    const { id, entry, node, state } = row;
    showPill(element("drawer-state"), state);
    this.pictures.show(this.#picture, row);
    const page = element("page");
    page.hidden = !isWeb(node?.base_url);
    page.href = page.hidden ? "" : `${node.base_url}/`;
    const values = {
      id,
      address: node?.base_url,
      token: node?.auth.type === "bearer" ? words.stored : words.none,
      labels: row.labels.join(", "),
      capabilities: node?.capabilities.join(", "),
      transport: entry.transport,
      seen: agoOf(row.seen, this.fleet),
      checked: agoOf(entry.checked_at, this.fleet),
      took: entry.duration_seconds && `${Math.round(1000 * entry.duration_seconds)} ms`,
    };
    const facts = Object.entries(values).map(([name, value]) => [words.facts[name], value]);
    setLines(element("facts"), facts.filter(([, value]) => value), fact);
    element("probes").hidden = !entry.health;
    for (const { key, path, summary, text } of this.#probes) {
      const { status_code, payload, error } = entry[key] ?? {};
      setText(summary, `${path}: ${status_code ?? error}`);
      setText(text, payload ? JSON.stringify(payload, null, 2) : "");
    }
    const events = this.fleet.events.filter((event) => event.node_id === id);
    showEvents(element("drawer-events"), events);
  }

  askNow() {
    setText(element("asked"), words.asking);
    this.#tell(async (id) => words.askedNow(words.states[(await this.fleet.askNode(id)).state]));
  }

  // Does something about the node, and tells what comes of it unless another is looked at by then.
  async #tell(act) {
    const { id } = this;
    const said = await act(id).catch(explain);
    if (id === this.id && said) {
      setText(element("asked"), said);
    }
  }

  async #remove(id) {
    const { name } = this.row;
    // If somebody changes it while this is being thought over, it stays.
    const etag = (await request(pathOf(id))).headers.get("ETag");
    if (id === this.id && (await confirmed(words.remove(name), words.removeIt))) {
      await request(pathOf(id), { method: "DELETE", etag });
      this.fleet.refresh();
      if (id === this.id) {
        this.#dialog.close();
        // What had the focus before goes with the node.
        document.querySelector("h1").focus();
      }
    }
  }
}
