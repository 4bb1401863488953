// Registers a node, or changes one. What is wrong is said beside the field that it is about.

import { answerOf, ask, pathOf, request } from "./api.js";
import { element, make, on, setText } from "./dom.js";
import { adviceOn, labelsOf } from "./nodes.js";
import { words } from "./dashboard-strings.js";

const NEVER_SEEN = "1970-01-01T00:00:00Z";
const LONGEST_ID = 64;

const linesOf = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function pairOf(line) {
  const [name, ...value] = line.split("=");
  return [name.trim(), value.join("=").trim()];
}

// People type what stands in the address bar of their browser.
const addressOf = (text) => (!text || text.includes("://") ? text : `http://${text}`);

function idOf(name, rows) {
  const plain = name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const start = plain.replace(/[^a-z0-9]+/g, "-").slice(0, LONGEST_ID - 4);
  const id = start.replace(/^-|-$/g, "") || "node";
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
      field.after(make("small", { className: "problem", id: `problem-${field.name}` }));
    }
    on("form", "submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    this.#fields.id.addEventListener("input", () => (this.hasId = this.#fields.id.value !== ""));
    this.#fields.name.addEventListener("input", ({ target }) => {
      this.#fields.id.value = this.hasId ? this.#fields.id.value : idOf(target.value, fleet.rows);
    });
    // A token stays nowhere.
    this.#dialog.addEventListener("close", () => this.#form.reset());
    on("cancel", "click", () => this.#dialog.close());
    on("reload", "click", () => this.edit(this.node.id).catch((error) => this.#complain(error)));
  }

  add() {
    this.#fill({ auth: {}, labels: {}, capabilities: [], transport: "http" }, null);
  }

  async edit(id) {
    const response = await request(pathOf(id));
    this.#fill(await answerOf(response), response.headers.get("ETag"));
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

  async #save() {
    this.#forgive();
    const { node, etag } = this;
    const values = this.#values();
    const changes = Object.entries(values).filter(([name, now]) => !isSame(now, node[name]));
    try {
      const saved = node.id
        ? await ask(pathOf(node.id), { method: "PUT", body: Object.fromEntries(changes), etag })
        : await ask("api/nodes", { method: "POST", body: { ...values, last_seen: NEVER_SEEN } });
      this.#dialog.close();
      this.saved(saved);
    } catch (error) {
      this.#complain(error);
    }
  }

  #forgive() {
    setText(element("form-problem"), "");
    element("reload").hidden = true;
    this.#form.querySelectorAll(".problem").forEach((problem) => setText(problem, ""));
    for (const field of this.#form.querySelectorAll("[aria-invalid]")) {
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
    }
  }

  #complain(error) {
    const isInvalid = error.code === "VALIDATION_ERROR";
    let others = isInvalid ? "" : `${error.message} ${adviceOn(error)}`;
    for (const [path, why] of Object.entries(isInvalid ? error.details : {})) {
      const [name, ...rest] = path.split(".");
      const field = this.#fields[name];
      const problem = element(`problem-${name}`);
      if (problem && field) {
        setText(problem, `${problem.textContent} ${rest.join(".")} ${why}.`.trim());
        field.setAttribute("aria-invalid", "true");
        field.setAttribute("aria-describedby", problem.id);
      } else {
        others += `${path} ${why}. `;
      }
    }
    setText(element("form-problem"), others);
    element("reload").hidden = error.code !== "PRECONDITION_FAILED";
    const first = this.#form.querySelector("[aria-invalid]");
    element("more").open ||= Boolean(element("more").querySelector("[aria-invalid]"));
    first?.focus();
  }
}
