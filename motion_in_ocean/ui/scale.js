// Where on its slider a value is.
//
// Ranges are what a camera takes, not what people use: contrast goes from 0 to 32, and 1 is normal.
// The default is in the middle, where it is no end of the range; what spans orders of magnitude,
// such as exposure times, goes by factors.

export const STEPS = 200;
const DIGITS = 3;
const FACTORS_FROM = 50;

export class Scale {
  constructor({ minimum, maximum, default: usual, kind }) {
    const middle = (usual - minimum) / (maximum - minimum);
    this.power = middle > 0 && middle < 1 ? Math.log(middle) / Math.log(0.5) : 1;
    this.byFactors = this.power === 1 && minimum > 0 && maximum / minimum >= FACTORS_FROM;
    this.isWhole = kind === "integer";
    Object.assign(this, { minimum, maximum });
  }

  position(value) {
    const { minimum, maximum } = this;
    const part = this.byFactors
      ? Math.log(value / minimum) / Math.log(maximum / minimum)
      : ((value - minimum) / (maximum - minimum)) ** (1 / this.power);
    return Math.round(STEPS * part);
  }

  value(position) {
    const { minimum, maximum } = this;
    const part = position / STEPS;
    const exact = this.byFactors
      ? minimum * (maximum / minimum) ** part
      : minimum + (maximum - minimum) * part ** this.power;
    const short = Number(exact.toPrecision(DIGITS));
    const whole = this.isWhole ? Math.round(short) : Number(short.toFixed(DIGITS));
    return Math.min(Math.max(whole, minimum), maximum);
  }
}
