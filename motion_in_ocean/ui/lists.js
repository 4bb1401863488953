// Lists of elements, changed no more than they have to be.

// Makes a list of lines, unless it has these already.
export function setLines(list, lines, made) {
  const key = JSON.stringify(lines);
  if (list.dataset.lines !== key) {
    list.dataset.lines = key;
    list.replaceChildren(...lines.map(made));
  }
}

// Puts children in order, moving as few as may be, and leaves the focus where it is.
export function arrange(parent, children) {
  const focused = document.activeElement;
  const wanted = new Set(children);
  for (const child of [...parent.children]) {
    if (!wanted.has(child)) {
      child.remove();
    }
  }
  let place = parent.firstElementChild;
  for (const child of children) {
    if (place !== child && place?.nextElementSibling === child) {
      // It has gone further down; its turn comes.
      place.remove();
      place = child;
    }
    if (place === child) {
      place = place.nextElementSibling;
    } else {
      parent.insertBefore(child, place);
    }
  }
  if (focused !== document.activeElement && focused.isConnected) {
    focused.focus({ preventScroll: true });
  }
}
