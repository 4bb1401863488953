// A line of the last minutes.

const SECONDS = 180;
const SHORTEST_SECONDS = 20;
const WIDTH = 180;
const HEIGHT = 40;
const GAP_SECONDS = 6;

export class Sparkline {
  // picture: an SVG element with a path, WIDTH by HEIGHT. label: made of the lowest
  // and the highest value.
  constructor(picture, label) {
    Object.assign(this, { picture, label, points: [] });
  }

  add(value) {
    const now = performance.now() / 1000;
    this.points = this.points.filter(([time]) => time > now - SECONDS);
    this.points.push([now, value]);
    const values = this.points.map(([, each]) => each);
    const highest = Math.max(...values);
    const across = WIDTH / Math.max(now - this.points[0][0], SHORTEST_SECONDS);
    const up = (HEIGHT - 2) / (highest || 1);
    let before = -Infinity;
    const path = this.points.map(([time, each]) => {
      const verb = time - before > GAP_SECONDS ? "M" : "L";
      before = time;
      const [x, y] = [WIDTH - across * (now - time), HEIGHT - 1 - up * each];
      return `${verb}${x.toFixed(1)} ${y.toFixed(1)}`;
    });
    this.picture.firstElementChild.setAttribute("d", path.join(""));
    this.picture.setAttribute("aria-label", this.label(Math.min(...values), highest));
  }
}
