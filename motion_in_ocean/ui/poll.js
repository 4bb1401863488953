// Asks again and again: one question at a time, less often while nobody answers or looks.

export class Poll {
  // ask: is given an AbortSignal and returns a promise; if that is rejected, nobody has answered.
  // everyMs: from an answer to the next question. longestMs: how far that grows, by doubling.
  // answerMs: how long an answer may take. hiddenMs: instead of everyMs, while the page is hidden;
  // Infinity stops it until then.
  constructor(ask, { everyMs, longestMs = everyMs, answerMs, hiddenMs = Infinity }) {
    Object.assign(this, { ask, everyMs, longestMs, answerMs, hiddenMs, waitMs: everyMs });
    // When it will ask, by performance.now(); NaN while it is asking.
    this.nextAt = Infinity;
    const now = () => this.now();
    // A question may have been lost on a network that has gone, or while the machine slept.
    addEventListener("online", now);
    addEventListener("offline", now);
    addEventListener("pageshow", (event) => event.persisted && now());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) {
        now();
      } else if (this.hiddenMs === Infinity) {
        this.asking?.abort();
        this.schedule(Infinity);
      }
    });
  }

  // At once, whatever was planned; a question under way is given up.
  now() {
    if (document.hidden && this.hiddenMs === Infinity) {
      return;
    }
    this.waitMs = this.everyMs;
    this.asking?.abort();
    this.run();
  }

  schedule(ms) {
    clearTimeout(this.timer);
    this.nextAt = performance.now() + ms;
    if (ms < Infinity) {
      this.timer = setTimeout(() => this.run(), ms);
    }
  }

  async run() {
    const asking = (this.asking = new AbortController());
    clearTimeout(this.timer);
    this.nextAt = NaN;
    const limit = setTimeout(() => asking.abort(new DOMException("", "TimeoutError")), this.answerMs);
    let pauseMs = this.everyMs;
    try {
      await this.ask(asking.signal);
      this.waitMs = this.everyMs;
    } catch {
      pauseMs = this.waitMs;
      this.waitMs = Math.min(2 * this.waitMs, this.longestMs);
    }
    clearTimeout(limit);
    // Another may have begun meanwhile, or nobody may want to know any more.
    if (this.asking === asking) {
      this.asking = null;
      this.schedule(document.hidden ? Math.max(pauseMs, this.hiddenMs) : pauseMs);
    }
  }
}
