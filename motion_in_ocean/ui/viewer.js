// Shows how the camera is, and brings the picture back when it can be had again.

import { Standstill } from "./standstill.js";

const POLL_MS = 1000;
const ANSWER_MS = 3000;

const element = (id) => document.getElementById(id);
const stream = element("stream");
const standstill = new Standstill(stream);
// It may have failed before this ran.
let streamIsBroken = stream.complete && stream.naturalWidth === 0;

stream.addEventListener("error", () => {
  streamIsBroken = true;
});

stream.addEventListener("load", () => {
  if (element("state").dataset.state === "waiting") {
    show("live", "Live");
  }
});

function show(state, text) {
  element("state").dataset.state = state;
  element("state").textContent = text;
  stream.toggleAttribute("data-frozen", state !== "live");
}

function showFigures(ready) {
  const age = ready.last_frame_age_seconds;
  element("fps").textContent = ready.current_fps.toFixed(1);
  element("age").textContent = age === null ? "–" : `${age.toFixed(1)} s`;
  element("resolution").textContent = ready.resolution.join(" × ");
}

function reload() {
  streamIsBroken = false;
  stream.src = `stream.mjpg?${Date.now()}`;
}

async function poll() {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const response = await fetch("ready", { cache: "no-store", signal });
    const ready = await response.json();
    showFigures(ready);
    if (ready.status !== "ready") {
      show("not_ready", ready.message);
    } else if (streamIsBroken) {
      // All places may be taken: then this ends in another error.
      show("waiting", "Waiting for the picture…");
      reload();
    } else {
      show("live", "Live");
      if (standstill.isTooLong(ready)) {
        reload();
      }
    }
  } catch {
    streamIsBroken = true;
    element("fps").textContent = "–";
    element("age").textContent = "–";
    show("disconnected", "Disconnected");
  }
  setTimeout(poll, POLL_MS);
}

element("open").hidden = document.body.dataset.openToNetwork !== "yes";
poll();
