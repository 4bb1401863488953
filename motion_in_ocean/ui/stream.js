// The stream: asked for, let go of, and its last picture kept meanwhile.

const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 30000;
// How much longer than the pause after it an attempt may take: ten seconds at first.
const PATIENCE = 5;

export class Stream {
  // still: the canvas behind the image. changed: called when a picture has come, or will not.
  constructor(image, still, changed) {
    Object.assign(this, { image, still, changed, isAsked: false, isShown: false });
    this.forgive();
    image.addEventListener("load", () => this.look());
    image.addEventListener("error", () => this.isAsked && this.fail());
  }

  // Whether a picture has come: not every browser tells of the first of many.
  look() {
    if (this.isAsked && !this.isShown && this.image.naturalWidth > 0) {
      this.isShown = true;
      this.image.hidden = false;
      this.forgive();
      this.changed();
    }
  }

  // Nothing stands in the way of the next attempt.
  forgive() {
    this.dueAt = -Infinity;
    this.pauseMs = FIRST_PAUSE_MS;
    // Whether an attempt has neither had a picture nor been refused.
    this.isHeldBack = false;
  }

  fail() {
    this.close();
    this.dueAt = performance.now() + this.pauseMs;
    this.pauseMs = Math.min(2 * this.pauseMs, LONGEST_PAUSE_MS);
    this.changed();
  }

  // The question may have been lost, or something in between keeps the answer to itself.
  giveUp() {
    this.look();
    if (!this.isShown) {
      this.isHeldBack = true;
      this.fail();
    }
  }

  get isDue() {
    return !this.isAsked && performance.now() >= this.dueAt;
  }

  open(fps) {
    this.close();
    this.isAsked = true;
    this.limit = setTimeout(() => this.giveUp(), PATIENCE * this.pauseMs);
    this.image.src = `stream.mjpg?${fps ? `fps=${fps}&` : ""}${Date.now()}`;
  }

  // Without its address an image gives its connection back.
  close() {
    const { image, still } = this;
    clearTimeout(this.limit);
    if (this.isShown) {
      still.width = image.naturalWidth;
      still.height = image.naturalHeight;
      still.getContext("2d").drawImage(image, 0, 0);
    }
    this.isAsked = this.isShown = false;
    image.hidden = true;
    image.removeAttribute("src");
  }
}
