import { element, setText } from "./dom.js";

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
