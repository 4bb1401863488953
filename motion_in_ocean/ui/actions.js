// Has a node do something, and shows what it answers.

import { explain, pathOf, readJson, Refused, send } from "./api.js";
import { element, on, setText } from "./dom.js";
import { words } from "./dashboard-strings.js";

const NAME = /^[a-z][a-z0-9_-]{0,63}$/;
const HARMLESS = "controls";

export const showAnswer = (text) => setText(element("answer"), text);

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

async function act(currentRow, action, body) {
  const { id, name } = currentRow();
  if (action !== HARMLESS && !(await confirmed(words.act(action, name), words.send))) {
    return;
  }
  // Another node may be looked at before there is an answer.
  const show = (text) => currentRow()?.id === id && showAnswer(text);
  show(words.sent);
  try {
    const response = await send(pathOf(id, `/actions/${action}`), { method: "POST", body });
    const answer = await readJson(response);
    if (!answer?.action) {
      throw new Refused(response.status, answer);
    }
    show(words.answered(answer.status_code, JSON.stringify(answer.response, null, 2)));
  } catch (error) {
    show(`${error.status || ""} ${explain(error)}`.trim());
  }
}

// What is written there, if it is a JSON object.
function objectIn(text) {
  try {
    return text.startsWith("{") ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

export function startActions(currentRow) {
  on("restart", "click", () => act(currentRow, "restart", {}));
  on("custom", "submit", (event) => {
    event.preventDefault();
    const action = element("action").value.trim();
    const body = objectIn(element("body").value.trim() || "{}");
    const wrong = !NAME.test(action) ? words.badAction : body ? "" : words.badBody;
    if (wrong) {
      showAnswer(wrong);
    } else {
      act(currentRow, action, body);
    }
  });
}
