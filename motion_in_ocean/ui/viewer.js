// Shows the picture and how the camera is, and brings the picture back when it can be had again.

import { answerOf } from "./answer.js";
import { Controls } from "./controls.js";
import { element, on, setText } from "./dom.js";
import { offerAddresses } from "./embed.js";
import { Figures } from "./figures.js";
import { duration } from "./format.js";
import { offerFullScreen } from "./fullscreen.js";
import { name } from "./name.js";
import { Poll } from "./poll.js";
import { Standstill } from "./standstill.js";
import { Stream } from "./stream.js";
import { viewer as strings } from "./strings.js";
import { Tabs } from "./tabs.js";

const POLL_MS = 2000;
const LONGEST_POLL_MS = 30_000;
const ANSWER_MS = 2500;
const TICK_MS = 500;
const LATE_SECONDS = 3;
const LATE_FRAMES = 3;
const SAME_START_MS = 500;

const MARKS = { live: "live", stale: "trouble", reconnecting: "trouble", disconnected: "lost" };

const stage = element("stage");
const snapshot = element("snapshot");
const stream = new Stream(element("stream"), element("still"), show);
const standstill = new Standstill(element("stream"));
const tabs = new Tabs(() => stream.isAsked);
const figures = new Figures(() => readiness.now());
const controls = new Controls();
const readiness = new Poll(ask, {
  everyMs: POLL_MS,
  longestMs: LONGEST_POLL_MS,
  answerMs: ANSWER_MS,
});

// What /ready answered last, and when.
let ready = null;
let answeredAt = 0;
// When the daemon was started that did, by its own clock.
let startedAt = NaN;
// When the picture was taken that is shown, by performance.now().
let takenAt = NaN;
// How many questions in a row have had no answer, and why.
let failures = 0;
let trouble = "";
// The picture moves, but nothing else gets through.
let isStarved = false;
let watcher;
// What tells one attempt to ask for the stream from the next.
let opening = null;
// Why the stream is not asked for, though the camera is ready.
let obstacle = "";
// An older picture is late, whatever the daemon may tolerate.
let lateSeconds = Infinity;
let hasBeenLive = false;
let ticker;

function isReady() {
  return ready?.status === "ready" && failures === 0;
}

const age = () => (performance.now() - takenAt) / 1000;

// How things are, and what to say of it.
function judge() {
  if (isStarved) {
    return ["live", ""];
  }
  if (failures > 0) {
    const isGone = failures > 1 || !ready || !navigator.onLine;
    const seconds = Math.ceil((readiness.nextAt - performance.now()) / 1000);
    const next = seconds > 0 ? ` ${strings.retry(seconds)}` : "";
    return [isGone ? "disconnected" : "reconnecting", trouble + next];
  }
  if (!ready) {
    return ["connecting", strings.waiting];
  }
  if (ready.status !== "ready") {
    const hadPictures = ready.last_frame_age_seconds !== null;
    return [hadPictures ? "stale" : "connecting", ready.message];
  }
  if (ready.last_frame_age_seconds > lateSeconds) {
    return ["stale", strings.late];
  }
  if (!stream.isShown) {
    const why = obstacle || (stream.isHeldBack ? strings.held : strings.waiting);
    return [hasBeenLive ? "reconnecting" : "connecting", why];
  }
  return ["live", ""];
}

function show() {
  const [state, detail] = judge();
  hasBeenLive ||= state === "live";
  if (isStarved) {
    takenAt = standstill.movedAt;
  } else if (state === "live" || state === "stale") {
    takenAt = answeredAt - 1000 * ready.last_frame_age_seconds;
  }
  stage.dataset.state = state;
  element("state").dataset.state = MARKS[state] ?? state;
  // Announced when it changes; the rest is not.
  setText(element("state"), strings.states[state]);
  setText(element("detail"), detail);
  setText(element("starved"), strings.starved(tabs.others.size > 0));
  element("starved").hidden = !isStarved;
  element("frozen").hidden = state === "live" || Number.isNaN(age());
  setText(element("frozen"), strings.age(duration(age())));
  figures.showAge(state === "live" ? ready?.last_frame_age_seconds : age());
  snapshot.setAttribute("aria-disabled", !isReady());
  document.title = strings.title(name ?? "motion-in-ocean", strings.states[state]);
  tabs.update();
  clearTimeout(ticker);
  if (state !== "live" && !document.hidden) {
    ticker = setTimeout(show, TICK_MS);
  }
}

async function ask(signal) {
  stream.look();
  standstill.look();
  const askedAt = performance.now();
  let status;
  try {
    const response = await fetch("ready", { cache: "no-store", signal });
    status = response.status;
    answered(await response.json());
  } catch (error) {
    if (signal.aborted && signal.reason.name !== "TimeoutError") {
      throw error;
    }
    unanswered(signal.aborted, status, askedAt);
    throw error;
  } finally {
    show();
  }
}

function answered(answer) {
  const start = Date.parse(answer.timestamp) - 1000 * answer.uptime_seconds;
  // Its predecessor can have gone between two questions.
  const isAnother = Math.abs(start - startedAt) > SAME_START_MS;
  const wasReady = isReady() && !isAnother;
  startedAt = start;
  ready = answer;
  answeredAt = performance.now();
  failures = 0;
  isStarved = false;
  stage.style.setProperty("--width", ready.resolution[0]);
  stage.style.setProperty("--height", ready.resolution[1]);
  figures.show(ready);
  controls.wake(ready.status === "ready");
  if (ready.status !== "ready") {
    return;
  }
  if (!wasReady) {
    stream.forgive();
    obstacle = "";
    controls.read();
  }
  if ((standstill.isTooLong(ready) || isAnother) && stream.isShown) {
    stream.close();
  }
  // Neither is waited for: the next question is not to be late because they are.
  if (!stream.isDue) {
    figures.ask();
  } else if (!opening) {
    open();
  }
}

// Asks for the stream, unless it cannot come.
async function open() {
  const mine = (opening = {});
  const found = tabs.areTooMany() ? strings.tabs : await obstacleAtCamera();
  if (opening !== mine) {
    return;
  }
  opening = null;
  obstacle = found;
  if (!obstacle && isReady()) {
    stream.open(element("rate").value);
  }
  show();
}

async function obstacleAtCamera() {
  // Who has been told to reload the page is not to be asked again and again by the browser.
  const isSignedOut = obstacle === strings.signIn;
  const { status, answer } = await answerOf("metrics", isSignedOut ? "omit" : "same-origin");
  if (status === 401) {
    return strings.signIn;
  }
  if (status === 429) {
    return strings.guesses;
  }
  const places = answer?.stream_connections ?? {};
  figures.showPlaces(places);
  if (answer) {
    lateSeconds = Math.max(LATE_SECONDS, LATE_FRAMES / (answer.camera?.target_fps || 0));
  }
  return places.max && places.current >= places.max ? strings.full(places.max) : "";
}

function unanswered(isSilent, status, askedAt) {
  failures += 1;
  // An answer can be waited for while the stream has the last connection that there may be.
  standstill.look();
  isStarved = isSilent && standstill.movedAt > askedAt;
  if (isStarved) {
    watch();
  } else {
    lose();
  }
  trouble = !navigator.onLine
    ? strings.offline
    : isSilent
      ? strings.silent
      : status
        ? strings.proxy(status)
        : strings.unreachable;
}

function close() {
  isStarved = false;
  opening = null;
  stream.close();
}

function lose() {
  close();
  figures.clear();
}

// The picture alone tells that the camera is there: it is believed as long as it moves.
function watch() {
  clearTimeout(watcher);
  watcher = setTimeout(() => {
    standstill.look();
    const patience = Number.isFinite(lateSeconds) ? lateSeconds : LATE_SECONDS;
    if (isStarved && performance.now() - standstill.movedAt < 1000 * patience) {
      watch();
    } else if (isStarved) {
      lose();
      readiness.now();
      show();
    }
  }, POLL_MS);
}

function letGo() {
  close();
  show();
}

function offerRates() {
  const rate = element("rate");
  // Where pages may keep nothing, to ask is an error.
  try {
    rate.value = localStorage.getItem("fps") ?? "";
  } catch {}
  if (rate.selectedIndex < 0) {
    rate.value = "";
  }
  on("rate", "change", () => {
    try {
      localStorage.setItem("fps", rate.value);
    } catch {}
    if (stream.isAsked) {
      stream.open(rate.value);
    }
    show();
  });
}

function refresh() {
  letGo();
  stream.forgive();
  obstacle = "";
  readiness.now();
}

function nameSnapshot(event) {
  if (snapshot.getAttribute("aria-disabled") === "true") {
    event.preventDefault();
  }
  const now = new Date();
  const local = new Date(now - 60_000 * now.getTimezoneOffset()).toISOString().slice(0, 19);
  snapshot.download = `${name ?? "camera"}-${local.replaceAll(":", "-")}.jpg`;
}

element("stuck").remove();
// Browsers keep a record of each question, and this page goes on asking for months.
performance.setResourceTimingBufferSize(0);
setText(element("name"), name ?? "motion-in-ocean");
offerRates();
offerAddresses();
offerFullScreen();
on("refresh", "click", refresh);
on("snapshot", "click", nameSnapshot);
document.addEventListener("visibilitychange", letGo);
addEventListener("pagehide", letGo);
show();
readiness.now();
