// Elements, made and changed without ever reading text as HTML.

export const element = (id) => document.getElementById(id);

export const on = (id, type, act) => element(id).addEventListener(type, act);

export function make(kind, properties = {}, ...children) {
  const made = Object.assign(document.createElement(kind), properties);
  made.append(...children);
  return made;
}

// Text that stays the same is left alone: somebody may have selected it.
export function setText(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

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

// Asks before something is done that cannot be undone.
export function confirmed(question, verb) {
  const dialog = element("confirm");
  setText(element("question"), question);
  setText(element("sure"), verb);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "sure"), { once: true });
  });
}
