// Numbers as people read them. What is not known is a dash.

import { common } from "./strings.js";

const isKnown = (number) => typeof number === "number" && Number.isFinite(number);

export function number(value, digits = 0) {
  return isKnown(value)
    ? value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })
    : common.unknown;
}

// The two largest units: 4.2 s, 5 min 3 s, 2 h 5 min, 12 d 3 h.
export function duration(seconds) {
  if (!isKnown(seconds)) {
    return common.unknown;
  }
  if (seconds < 10) {
    return `${number(Math.max(seconds, 0), 1)} s`;
  }
  const whole = Math.floor(seconds);
  const units = [
    [Math.floor(whole / 86400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const first = units.findIndex(([count]) => count > 0);
  return units
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${number(count)} ${unit}`)
    .join(" ");
}

// Bits or bytes, by the unit that is given: 3.2 MB, 840 kbit/s.
export function quantity(value, unit) {
  if (!isKnown(value)) {
    return common.unknown;
  }
  const prefixes = ["", "k", "M", "G", "T"];
  const step = Math.min(Math.max(Math.floor(Math.log10(Math.max(value, 1)) / 3), 0), 4);
  const scaled = value / 1000 ** step;
  return `${number(scaled, step > 0 && scaled < 100 ? 1 : 0)} ${prefixes[step]}${unit}`;
}
