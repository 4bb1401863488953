// Full screen by button, by the key f while the focus is there, and by a double click or tap on the
// picture.

import { element, on, setText } from "./dom.js";
import { viewer as strings } from "./strings.js";

const DOUBLE_MS = 400;
const TYPING = "input, select, textarea, [contenteditable]";

export function offerFullScreen() {
  const place = element("watch");
  const behind = document.querySelectorAll("#side, footer");
  let lastTap = -Infinity;

  function tell() {
    const isFull = document.fullscreenElement === place || "maximised" in place.dataset;
    setText(element("fullscreen"), isFull ? strings.leave : strings.enter);
    behind.forEach((each) => (each.inert = isFull));
  }

  // Phones that have no full screen for pictures get a window full of it.
  function maximise(on) {
    place.toggleAttribute("data-maximised", on);
    tell();
  }

  async function toggle() {
    if ("maximised" in place.dataset) {
      maximise(false);
    } else if (document.fullscreenElement) {
      await document.exitFullscreen();
    } else if (document.fullscreenEnabled) {
      await place.requestFullscreen().catch(() => maximise(true));
    } else {
      maximise(true);
    }
  }

  on("fullscreen", "click", toggle);
  document.addEventListener("fullscreenchange", tell);
  // Not the key of the whole page: who speaks to a machine presses many.
  place.addEventListener("keydown", (event) => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat;
    if (event.key === "f" && isPlain && !event.target.closest(TYPING)) {
      toggle();
    }
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && maximise(false));
  on("stage", "pointerup", (event) => {
    const isDouble = event.isPrimary && event.timeStamp - lastTap < DOUBLE_MS;
    lastTap = isDouble ? -Infinity : event.timeStamp;
    if (isDouble) {
      toggle();
    }
  });
}
