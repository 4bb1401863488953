// Shows how the camera is, and brings the picture back when it can be had again.

const POLL_MS = 2000;

const element = (id) => document.getElementById(id);
const stream = element("stream");
let streamIsBroken = false;

stream.addEventListener("error", () => {
  streamIsBroken = true;
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

async function poll() {
  try {
    const response = await fetch("ready", { cache: "no-store" });
    const ready = await response.json();
    showFigures(ready);
    if (ready.status === "ready") {
      if (streamIsBroken) {
        streamIsBroken = false;
        stream.src = `stream.mjpg?${Date.now()}`;
      }
      show("live", "Live");
    } else {
      show("not_ready", ready.message);
    }
  } catch {
    streamIsBroken = true;
    show("disconnected", "Disconnected");
  }
  setTimeout(poll, POLL_MS);
}

element("open").hidden = document.body.dataset.openToNetwork !== "yes";
poll();
