// What the scripts of the viewer page say. What stands there before any script runs is in the HTML.

// Of both pages.
export const common = {
  unknown: "–",
};

export const viewer = {
  states: {
    connecting: "Connecting",
    live: "Live",
    stale: "Stale",
    reconnecting: "Reconnecting",
    disconnected: "Disconnected",
  },
  late: "No new picture is coming.",
  waiting: "Waiting for the picture…",
  held:
    "The pictures do not come through. Something in between may hold them back, such as a proxy " +
    "that buffers, or a virus scanner.",
  signIn: "The camera wants credentials. Reload the page to sign in again.",
  guesses:
    "Too many wrong credentials came from this network address. " +
    "For up to five minutes the camera does not look at yours; then the picture comes back.",
  unreachable: "The camera cannot be reached.",
  silent:
    "The camera does not answer. If other tabs show it too, close some: " +
    "browsers make only six connections to it.",
  offline: "This device is offline.",
  proxy: (status) => `Something else answers in its place, with ${status}.`,
  retry: (seconds) => `Next try in ${seconds} s.`,
  full: (places) => `All ${places} places are taken. The next one that is free is yours.`,
  tabs:
    "Too many tabs of this camera are open: browsers make only six connections to it. " +
    "Close one, and this one goes on.",
  starved: (areTabs) =>
    "The picture is live, but nothing else gets through: " +
    (areTabs
      ? "too many tabs of this camera are open."
      : "the network is slow, or the browser has no connection left."),
  age: (duration) => `The picture is ${duration} old.`,
  title: (name, state) => `${name} – ${state}`,
  enter: "Full screen",
  leave: "Leave full screen",
  fps: (low, high) => `Frames a second over the last three minutes: ${low} to ${high}`,
  viewers: (current, most) => (most ? `${current} of ${most}` : `${current ?? common.unknown}`),
  copy: "Copy",
  copyOf: (what) => `Copy: ${what}`,
  copied: "– copied",
  selected: "– selected: press Ctrl+C",
  embeds: [
    ["Home Assistant (MJPEG IP Camera): MJPEG URL", "stream.mjpg"],
    ["Home Assistant: still image URL", "snapshot.jpg"],
    ["OctoPrint, Mainsail, Fluidd: stream URL", "?action=stream"],
    ["OctoPrint, Mainsail, Fluidd: snapshot URL", "?action=snapshot"],
    ["A page of your own", "stream.mjpg?fps=5", (url) => `<img src="${url}" alt="">`],
  ],
  controls: {
    brightness: "Brightness",
    contrast: "Contrast",
    saturation: "Saturation",
    sharpness: "Sharpness",
    exposure_value: "Exposure compensation",
    exposure_mode: "Exposure mode",
    exposure_time_microseconds: "Exposure time",
    analogue_gain: "Gain",
    metering_mode: "Metering",
    awb_mode: "White balance",
    autofocus_mode: "Focus mode",
    lens_position: "Focus",
  },
  automatic: "Automatic",
  automaticOf: (name) => `Automatic: ${name}`,
  absent: (names) => `This camera does not have: ${names}.`,
  reset: "Reset",
  resetOf: (name) => `Reset: ${name}`,
  notSet: "Not set: the camera cannot be reached.",
};
