// Pictures of nodes, fetched in turn: two at once, those alone that can be seen. A picture that is
// old looks old.

import { pathOf, Refused, request } from "./api.js";
import { make, setText } from "./dom.js";
import { ageIn } from "./nodes.js";
import { words } from "./dashboard-strings.js";

const AT_ONCE = 2;
// As long as the manager waits for the node, and some.
const PATIENCE_MS = 12_000;
const REST_MS = 5000;
const LONGEST_REST_MS = 60_000;
const BUSY_MS = 1000;
const FROZEN_MS = 30_000;
// So many pictures are kept at most where they cannot be seen.
const MOST_KEPT = 100;

const now = () => performance.now();

export class Picture {
  canvas = make("canvas", { role: "img" });
  words = make("figcaption");
  figure = make("figure", { className: "picture" }, this.canvas, this.words);
  isVisible = false;

  constructor(width) {
    this.width = width;
  }

  show(row, isKnown) {
    if (row.id !== this.row?.id) {
      this.forget();
    }
    this.row = row;
    this.canvas.ariaLabel = words.pictureOf(row.name);
    this.look(isKnown);
  }

  forget() {
    Object.assign(this, { takenAt: null, stamp: null, trouble: "", failures: 0, due: 0 });
    this.canvas.width = this.canvas.height = 1;
  }

  look(isKnown) {
    const isStreaming = this.row.state === "streaming";
    const why = isStreaming ? this.trouble : this.row.why;
    const isThere = this.takenAt !== null;
    const age = now() - this.takenAt;
    const isFrozen = !isKnown || !isStreaming || this.trouble || age > FROZEN_MS;
    const missing = isStreaming ? "awaited" : "none";
    this.figure.dataset.picture = !isThere ? missing : isFrozen ? "frozen" : "fresh";
    const text = ageIn(age / 1000);
    const none = isStreaming && !why ? words.awaited : words.noPicture;
    const what = !isThere ? none : isFrozen ? words.frozen(text) : words.ago(text);
    setText(this.words, why ? `${what}: ${why}` : what);
  }

  async fetch() {
    const { id } = this.row;
    const signal = AbortSignal.timeout(PATIENCE_MS);
    this.isUnderWay = true;
    try {
      const response = await request(pathOf(id, "/snapshot.jpg"), { signal });
      const bitmap = await createImageBitmap(await response.blob());
      if (id === this.row.id) {
        this.draw(bitmap, response.headers.get("X-Timestamp"));
      }
      bitmap.close();
    } catch (error) {
      if (id === this.row.id) {
        this.fail(error);
      }
    }
    this.isUnderWay = false;
  }

  draw(bitmap, stamp) {
    const scale = Math.min(1, this.width / bitmap.width);
    this.canvas.width = Math.max(1, bitmap.width * scale);
    this.canvas.height = Math.max(1, bitmap.height * scale);
    const context = this.canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, this.canvas.width, this.canvas.height);
    // The same picture again is as old as it was.
    if (!stamp || stamp !== this.stamp) {
      this.takenAt = now();
    }
    Object.assign(this, { stamp, trouble: "", failures: 0, due: now() + REST_MS });
  }

  fail(error) {
    if (error.code === "SNAPSHOTS_BUSY") {
      this.due = now() + BUSY_MS;
      return;
    }
    this.trouble = error instanceof Refused ? error.message : words.damaged;
    this.failures += 1;
    this.due = now() + Math.min(REST_MS * 2 ** this.failures, LONGEST_REST_MS);
  }
}

export class Pictures {
  #all = new Map();
  #underWay = 0;

  constructor(isKnown) {
    this.isKnown = isKnown;
    this.seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        this.#see(this.#all.get(target), isIntersecting);
      }
      this.go();
    });
    setInterval(() => this.go(), 1000);
  }

  show(picture, row) {
    picture.show(row, this.isKnown());
    this.#all.set(picture.figure, picture);
    this.seen.observe(picture.figure);
  }

  remove(picture) {
    this.#all.delete(picture.figure);
    this.seen.unobserve(picture.figure);
    picture.isVisible = false;
  }

  #see(picture, isVisible) {
    if (picture) {
      picture.isVisible = isVisible;
      if (!isVisible && this.#all.size > MOST_KEPT) {
        picture.forget();
      }
    }
  }

  go() {
    const isKnown = this.isKnown();
    const visible = [...this.#all.values()].filter((picture) => picture.isVisible);
    visible.forEach((picture) => picture.look(isKnown));
    if (document.hidden || !isKnown) {
      return;
    }
    const due = visible
      .filter((each) => !each.isUnderWay && each.due <= now() && each.row.state === "streaming")
      .sort((a, b) => a.due - b.due);
    for (const picture of due.slice(0, AT_ONCE - this.#underWay)) {
      this.#underWay += 1;
      picture.fetch().then(() => {
        this.#underWay -= 1;
        this.go();
      });
    }
  }
}
