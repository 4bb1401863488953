// What the scripts of both pages say. What stands there before any script runs is in the HTML.

export const common = {
  unknown: "–",
};

export const viewer = {
};

export const dashboard = {
};
