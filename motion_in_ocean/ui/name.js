// What the camera is called: as its address is; null if that is but a number.

function readable(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const folder = location.pathname.split("/").filter(Boolean).at(-1);
const isNumber = /^[\d.]+$|:|^localhost$/.test(location.hostname);

export const name = folder
  ? readable(folder)
  : isNumber
    ? null
    : location.hostname.split(".")[0];
