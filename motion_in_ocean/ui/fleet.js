// What is known of the nodes, and since when.

import { ask, pathOf } from "./api.js";
import { rowOf } from "./nodes.js";
import { Poll } from "./poll.js";

const POLL = { everyMs: 3000, longestMs: 30_000, hiddenMs: 60_000, answerMs: 60_000 };
const OVERVIEW_MS = 15_000;
const NODES_MS = 60_000;
const WAITING_MS = 8000;
const KEPT_EVENTS = 1000;

const now = () => performance.now();

export class Fleet {
  rows = new Map();
  events = [];
  problem = null;
  isWaiting = false;
  answeredAt = null;
  #entries = new Map();
  #nodes = new Map();
  #latest = null;
  #clock = Date.now() - now();
  #overviewAt = -Infinity;
  #nodesAt = -Infinity;

  // Told of every change, with the events that are new.
  constructor(changed) {
    this.changed = changed;
    this.poll = new Poll((signal) => this.#refresh(signal), POLL);
  }

  // Whether what is shown is how it is.
  get isKnown() {
    return this.answeredAt !== null && !this.problem && !this.isWaiting;
  }

  // Seconds by the clock of the manager: that of this machine may be wrong.
  ageOf(time) {
    return Math.max(0, (this.#clock + now() - Date.parse(time)) / 1000);
  }

  // Of one that was just saved.
  learn(node) {
    this.#nodes.set(node.id, node);
    this.refresh();
  }

  // At once, and everything.
  refresh() {
    this.#overviewAt = this.#nodesAt = -Infinity;
    this.poll.now();
  }

  async #refresh(signal) {
    const slow = setTimeout(() => this.#tell({ isWaiting: true }), WAITING_MS);
    try {
      const news = await this.#ask(signal);
      this.#tell({ problem: null, isWaiting: false }, news);
    } catch (error) {
      // Given up for another, it is no problem.
      if (!signal.aborted || signal.reason.name === "TimeoutError") {
        this.#tell({ problem: error, isWaiting: false });
      }
      throw error;
    } finally {
      clearTimeout(slow);
    }
  }

  #tell(how, news = []) {
    Object.assign(this, how);
    this.changed(news);
  }

  async #ask(signal) {
    const news = await this.#askEvents(signal);
    if (news.length || now() - this.#overviewAt > OVERVIEW_MS) {
      const overview = await ask("api/management/overview?max_age=20", "nodes", { signal });
      this.#clock = Date.parse(overview.timestamp) - now();
      this.#entries = new Map(overview.nodes.map((entry) => [entry.node_id, entry]));
      this.#overviewAt = now();
    }
    const isNew = [...this.#entries.keys()].some((id) => !this.#nodes.has(id));
    if (isNew || now() - this.#nodesAt > NODES_MS) {
      const { nodes } = await ask("api/nodes", "nodes", { signal });
      this.#nodes = new Map(nodes.map((node) => [node.id, node]));
      this.#nodesAt = now();
    }
    this.answeredAt = now();
    this.#join();
    return news;
  }

  // Those that have happened since the page was opened; those before are history.
  async #askEvents(signal) {
    const path = `api/management/events?after=${this.#latest ?? 0}`;
    const { events, latest } = await ask(path, "events", { signal });
    if (latest < this.#latest) {
      // The manager was started anew, and counts from 1 again.
      this.#latest = null;
      this.#overviewAt = -Infinity;
      return this.#askEvents(signal);
    }
    const isNews = this.#latest !== null;
    this.#latest = latest;
    this.events = [...this.events, ...events].slice(-KEPT_EVENTS);
    return isNews ? events : [];
  }

  #join() {
    const rows = [...this.#entries].map(([id, entry]) => {
      const before = this.rows.get(id);
      const node = this.#nodes.get(id);
      const isSame = before?.entry === entry && before.node === node;
      return [id, isSame ? before : rowOf(entry, node)];
    });
    this.rows = new Map(rows);
  }

  // Has the manager ask one node now; returns its row.
  async askNode(id) {
    const name = this.#nodes.get(id)?.name ?? id;
    const entry = await ask(pathOf(id, "/status"), "node_id").catch((error) => {
      if (!error.code.startsWith("NODE_") || error.code === "NODE_NOT_FOUND") {
        throw error;
      }
      return { node_id: id, checked_at: new Date(this.#clock + now()).toISOString(), error };
    });
    this.#entries.set(id, { ...entry, name });
    this.#join();
    this.changed([]);
    return this.rows.get(id);
  }
}
