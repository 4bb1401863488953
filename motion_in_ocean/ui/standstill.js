// Notices that a stream has ended.
//
// Once the first picture of a multipart stream is there, browsers do not tell when its connection
// ends, not even if it is reset. What tells is a picture that has been seen to move and does not
// any more, although the camera goes on. The scene itself may have come to rest, so standing still
// is believed for longer each time.

const FIRST_PATIENCE_MS = 2000;
const LONGEST_PATIENCE_MS = 60000;
const WIDTH = 64;
const HEIGHT = 48;

export class Standstill {
  constructor(image) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: WIDTH, height: HEIGHT });
    this.image = image;
    this.context = canvas.getContext("2d", { willReadFrequently: true });
    this.pixels = [];
    // The last look at which the picture was another than at the look before, by performance.now().
    this.movedAt = -Infinity;
    this.askedAt = -Infinity;
    // Stays false where a browser draws nothing but the first picture.
    this.hasMoved = false;
    this.patience = FIRST_PATIENCE_MS;
  }

  look() {
    const before = this.pixels;
    this.pixels = [];
    if (this.image.naturalWidth > 0) {
      this.context.drawImage(this.image, 0, 0, WIDTH, HEIGHT);
      this.pixels = this.context.getImageData(0, 0, WIDTH, HEIGHT).data;
    }
    if (before.length > 0 && this.pixels.some((value, index) => value !== before[index])) {
      this.movedAt = performance.now();
    }
  }

  // Whether to ask for the stream again. To be called regularly while the camera is ready, after a
  // look, with what the daemon says of it.
  isTooLong(ready) {
    const moved = this.movedAt > this.askedAt;
    this.askedAt = performance.now();
    if (moved) {
      this.hasMoved = true;
      this.patience = FIRST_PATIENCE_MS;
      this.begin(ready);
      return false;
    }
    const cameraHasGoneOn = ready.frames_captured >= this.frames + 2;
    const patienceIsOver = performance.now() - this.since >= this.patience;
    if (!this.hasMoved || !cameraHasGoneOn || !patienceIsOver) {
      return false;
    }
    this.patience = Math.min(2 * this.patience, LONGEST_PATIENCE_MS);
    this.begin(ready);
    return true;
  }

  begin(ready) {
    this.frames = ready.frames_captured;
    this.since = performance.now();
  }
}
