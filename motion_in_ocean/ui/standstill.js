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
    const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
    this.image = image;
    this.context = canvas.getContext("2d", { willReadFrequently: true });
    this.pixels = [];
    // Stays false where a browser draws nothing but the first picture.
    this.hasMoved = false;
    this.patience = FIRST_PATIENCE_MS;
  }

  // Whether to ask for the stream again. To be called regularly while the camera is ready.
  isTooLong(framesCaptured) {
    if (this.image.naturalWidth === 0) {
      return false;
    }
    const pixels = this.look();
    if (pixels.some((value, index) => value !== this.pixels[index])) {
      this.hasMoved = this.pixels.length > 0;
      this.pixels = pixels;
      this.patience = FIRST_PATIENCE_MS;
      this.begin(framesCaptured);
      return false;
    }
    const daemonIsAnother = framesCaptured < this.frames;
    const cameraHasGoneOn = framesCaptured >= this.frames + 2;
    const patienceIsOver = performance.now() - this.since >= this.patience;
    if (!daemonIsAnother && !(this.hasMoved && cameraHasGoneOn && patienceIsOver)) {
      return false;
    }
    this.patience = Math.min(2 * this.patience, LONGEST_PATIENCE_MS);
    this.begin(framesCaptured);
    return true;
  }

  begin(framesCaptured) {
    this.frames = framesCaptured;
    this.since = performance.now();
  }

  look() {
    this.context.drawImage(this.image, 0, 0, WIDTH, HEIGHT);
    return this.context.getImageData(0, 0, WIDTH, HEIGHT).data;
  }
}
