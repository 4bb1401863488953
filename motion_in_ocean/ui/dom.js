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
