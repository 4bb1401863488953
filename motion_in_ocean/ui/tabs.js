// Knows how many other tabs have a stream of this camera.
//
// Browsers make six HTTP/1.1 connections to a server, and each stream holds one for itself. One has
// to be left, or no tab could even ask why it waits.

const MOST_STREAMS = 5;

export class Tabs {
  // isStreaming: tells whether this tab has a stream.
  constructor(isStreaming) {
    const [page] = performance.getEntriesByType("navigation");
    this.isLimited = !/^h[23]/.test(page?.nextHopProtocol ?? "");
    this.me = `${Date.now()} ${Math.random()}`;
    this.others = new Set();
    this.isStreaming = isStreaming;
    this.channel = new BroadcastChannel("motion-in-ocean streams");
    this.channel.addEventListener("message", ({ data }) => {
      this.others[data.isStreaming ? "add" : "delete"](data.from);
      if (data.asks) {
        this.tell();
      }
    });
    this.tell(true);
  }

  tell(asks = false) {
    this.told = this.isStreaming();
    this.channel.postMessage({ from: this.me, isStreaming: this.told, asks });
  }

  // The stream may have come or gone.
  update() {
    if (this.told !== this.isStreaming()) {
      this.tell();
    }
  }

  // Whether one more stream would be too much. The next answer is fresh: tabs may have crashed.
  areTooMany() {
    const areTooMany = this.isLimited && this.others.size >= MOST_STREAMS;
    if (areTooMany) {
      this.others.clear();
      this.tell(true);
    }
    return areTooMany;
  }
}
