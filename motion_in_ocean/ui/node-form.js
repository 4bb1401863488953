// Registers a node, or changes one. What is wrong is said beside the field that it is about.

import { ask, explain, pathOf, readJson, request } from "./api.js";
import { element, make, on, setText } from "./dom.js";
import { labelsOf } from "./nodes.js";
import { words } from "./dashboard-strings.js";

const NEVER_SEEN = "1970-01-01T00:00:00Z";
// Room is left for a number.
const LONGEST_ID = 60;

const linesOf = (text) => text.split(/\s*\n\s*/).filter(Boolean);
const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b);

const pairOf = (line) => /([^=]*)=?(.*)/s.exec(line).slice(1).map((part) => part.trim());

// People type what stands in the address bar of their browser.
const addressOf = (text) => (!text || text.includes("://") ? text : `http://${text}`);

function idOf(name, rows) {
  const plain = name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const id = (plain.match(/[a-z0-9]+/g) ?? ["node"]).join("-").slice(0, LONGEST_ID);
  let proposal = id;
  for (let number = 2; rows.has(proposal); number += 1) {
    proposal = `${id}-${number}`;
  }
  return proposal;
}

export class NodeForm {
  #dialog = element("editor");
  #form = element("form");
  #fields = this.#form.elements;

  // Told of the node that was saved.
  constructor(fleet, saved) {
    Object.assign(this, { fleet, saved });
    for (const field of this.#form.querySelectorAll(".field")) {
      const id = `problem-${field.name}`;
      field.after(make("small", { className: "problem", id }));
      field.setAttribute("aria-describedby", id);
    }
    on("form", "submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    on("form", "input", ({ target }) => {
      const { id, name } = this.#fields;
      if (target === id) {
        this.hasId = id.value !== "";
      } else if (target === name && !this.hasId) {
        id.value = idOf(name.value, fleet.rows);
      }
    });
    // A token stays nowhere.
    on("editor", "close", () => this.#form.reset());
    on("cancel", "click", () => this.#dialog.close());
    on("reload", "click", () => {
      const { node } = this;
      this.edit(node.id, () => this.#isFor(node)).catch((error) => this.#complain(error, node));
    });
  }

  add() {
    this.#fill({ auth: {}, labels: {}, capabilities: [], transport: "http" }, null);
  }

  // Unless it is not wanted any more when it is there.
  async edit(id, isWanted) {
    const response = await request(pathOf(id));
    const node = await readJson(response);
    if (isWanted()) {
      this.#fill(node, response.headers.get("ETag"));
    }
  }

  #fill(node, etag) {
    Object.assign(this, { node, etag, hasId: Boolean(node.id) });
    this.#form.reset();
    this.#forgive();
    const isStored = node.auth.type === "bearer";
    setText(element("editor-title"), node.id ? words.edit(node.name) : words.add);
    const labels = labelsOf(node).join("\n");
    const values = { ...node, labels, capabilities: node.capabilities.join("\n"), auth: "" };
    for (const field of this.#form.querySelectorAll(".field")) {
      field.value = values[field.name] ?? "";
    }
    element("forget").hidden = !isStored;
    this.#fields.auth.placeholder = isStored ? words.keepsToken : words.none;
    element("more").open = false;
    if (!this.#dialog.open) {
      this.#dialog.showModal();
    }
    this.#fields.name.focus();
  }

  #values() {
    const text = (name) => this.#fields[name].value.trim();
    const token = text("auth");
    const isKept = this.node.auth.type === "bearer" && !this.#fields.forget.checked;
    const lines = linesOf(text("labels"));
    const isAsItWas = isSame(lines, labelsOf(this.node));
    return {
      id: text("id"),
      name: text("name"),
      base_url: addressOf(text("base_url")),
      // A label that is as it was is not taken apart.
      labels: isAsItWas ? this.node.labels : Object.fromEntries(lines.map(pairOf)),
      capabilities: linesOf(text("capabilities")),
      transport: text("transport"),
      auth: token ? { type: "bearer", token } : { type: isKept ? "bearer" : "none" },
    };
  }

  #isFor(node) {
    return this.#dialog.open && this.node === node;
  }

  async #save() {
    const { node, etag } = this;
    if (this.saving === node) {
      return;
    }
    this.saving = node;
    this.#forgive();
    const values = this.#values();
    const changes = Object.entries(values).filter(([name, now]) => !isSame(now, node[name]));
    try {
      const options = node.id
        ? { method: "PUT", body: Object.fromEntries(changes), etag }
        : { method: "POST", body: { ...values, last_seen: NEVER_SEEN } };
      const saved = await ask(node.id ? pathOf(node.id) : "api/nodes", "id", options);
      this.fleet.learn(saved);
      if (this.#isFor(node)) {
        this.#dialog.close();
        this.saved(saved);
      }
    } catch (error) {
      this.#complain(error, node);
    }
  }

  #forgive() {
    element("reload").hidden = true;
    this.#form.querySelectorAll(".problem").forEach((problem) => setText(problem, ""));
    this.#form.querySelectorAll("[aria-invalid]").forEach((field) => (field.ariaInvalid = null));
  }

  #complain(error, node) {
    if (!this.#isFor(node)) {
      return;
    }
    this.saving = null;
    const wrong = error.code === "VALIDATION_ERROR" ? Object.entries(error.details) : [];
    let others = wrong.length ? "" : explain(error);
    for (const [path, why] of wrong) {
      const [name, ...rest] = path.split(".");
      const problem = element(`problem-${name}`);
      if (problem) {
        setText(problem, `${problem.textContent} ${rest.join(".")} ${why}.`.trim());
        this.#fields[name].ariaInvalid = "true";
      } else {
        others += `${path} ${why}. `;
      }
    }
    setText(element("form-problem"), others);
    element("reload").hidden = error.code !== "PRECONDITION_FAILED";
    element("more").open ||= element("more").matches(":has([aria-invalid])");
    this.#form.querySelector("[aria-invalid]")?.focus();
  }
}
