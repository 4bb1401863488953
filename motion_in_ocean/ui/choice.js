// What its user wants to see, kept in the address: it can be bookmarked, sent, and gone back to.

const DEFAULTS = { view: "table", sort: "name", state: "", label: "", q: "", node: "" };
const KEY = "motion-in-ocean.dashboard";

export class Choice {
  constructor(changed) {
    this.changed = changed;
    this.read(location.hash.slice(1) || this.remembered());
    addEventListener("popstate", () => {
      this.read(location.hash.slice(1));
      changed();
    });
  }

  read(text) {
    const given = new URLSearchParams(text ?? "");
    for (const [name, usual] of Object.entries(DEFAULTS)) {
      this[name] = given.get(name) ?? usual;
    }
  }

  written(names) {
    const changed = names.filter((name) => this[name] !== DEFAULTS[name]);
    return String(new URLSearchParams(changed.map((name) => [name, this[name]])));
  }

  remembered() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  }

  // A node is opened like a page, which Back leaves again.
  set(changes) {
    const opens = Boolean(changes.node) && !this.node;
    Object.assign(this, changes);
    const state = opens || ("node" in changes ? null : history.state);
    history[opens ? "pushState" : "replaceState"](state, "", `#${this.written(Object.keys(DEFAULTS))}`);
    try {
      localStorage.setItem(KEY, this.written(["view", "sort"]));
    } catch {
      // As long as the page is open, then.
    }
    this.changed();
  }

  close() {
    if (history.state) {
      history.back();
    } else {
      this.set({ node: "" });
    }
  }
}
