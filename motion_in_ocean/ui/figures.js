// The figures beside the picture. Who watches is asked for only while it can be seen.

import { answerOf } from "./answer.js";
import { element, setText } from "./dom.js";
import { duration, number, quantity } from "./format.js";
import { Sparkline } from "./sparkline.js";
import { common, viewer as strings } from "./strings.js";

const EVERY_MS = 10_000;
// Signed out, left out by a proxy, under a name that the API does not answer to: so it will stay.
const CLOSED = [401, 404, 421];

export class Figures {
  // opened: called when all of them are wanted.
  constructor(opened) {
    this.sparkline = new Sparkline(element("sparkline"), (low, high) =>
      strings.fps(number(low, 1), number(high, 1)),
    );
    // As they were at the last question, by what tells one from another.
    this.viewers = new Map();
    this.mostViewers = 0;
    this.apiIsOpen = true;
    this.dueAt = 0;
    const panel = element("figures");
    panel.open = matchMedia("(min-width: 64rem)").matches;
    panel.addEventListener("toggle", () => panel.open && opened());
  }

  // What /ready has answered.
  show(ready) {
    setText(element("fps"), number(ready.current_fps, 1));
    setText(element("resolution"), ready.resolution.join(" × "));
    setText(element("frames"), number(ready.frames_captured));
    setText(element("uptime"), duration(ready.uptime_seconds));
    this.sparkline.add(ready.current_fps);
  }

  showAge(seconds) {
    setText(element("age"), duration(seconds));
  }

  // Nothing is known any more.
  clear() {
    for (const name of ["fps", "age", "viewers", "bandwidth"]) {
      setText(element(name), common.unknown);
    }
    this.apiIsOpen = true;
  }

  // Who watches, now and then.
  async ask() {
    if (!element("figures").open || performance.now() < this.dueAt) {
      return;
    }
    this.dueAt = Infinity;
    const known = this.apiIsOpen ? await answerOf("api/viewers") : {};
    this.apiIsOpen &&= !CLOSED.includes(known.status);
    if (known.answer?.viewers) {
      this.showViewers(known.answer.viewers);
    } else {
      setText(element("bandwidth"), common.unknown);
      this.showPlaces((await answerOf("metrics")).answer?.stream_connections ?? {});
    }
    this.dueAt = performance.now() + EVERY_MS;
  }

  showViewers(viewers) {
    const before = this.viewers;
    this.viewers = new Map(viewers.map((each) => [`${each.address} ${each.port}`, each]));
    let bits = 0;
    for (const [who, { bytes_sent, seconds }] of this.viewers) {
      const was = before.get(who);
      const since = was?.seconds < seconds ? was : { bytes_sent: 0, seconds: 0 };
      bits += (8 * (bytes_sent - since.bytes_sent)) / Math.max(seconds - since.seconds, 1);
    }
    setText(element("bandwidth"), quantity(bits, "bit/s"));
    this.showPlaces({ current: viewers.length, max: this.mostViewers });
  }

  showPlaces({ current, max }) {
    this.mostViewers = max ?? this.mostViewers;
    setText(element("viewers"), strings.viewers(current, max));
  }
}
