// Has a node do something, and shows what it answers.

import { answerOf, pathOf, refusal, send } from "./api.js";
import { confirmed } from "./confirm.js";
import { element, on, setText } from "./dom.js";
import { adviceOn } from "./nodes.js";
import { words } from "./dashboard-strings.js";

const NAME = /^[a-z][a-z0-9_-]{0,63}$/;
const HARMLESS = ["controls"];

export const showAnswer = (text) => setText(element("answer"), text);

async function act({ id, name }, action, body) {
  if (!HARMLESS.includes(action) && !(await confirmed(words.act(action, name), words.send))) {
    return;
  }
  showAnswer(words.sent);
  try {
    const response = await send(pathOf(id, `/actions/${action}`), { method: "POST", body });
    const answer = await answerOf(response);
    if (!answer?.action) {
      throw refusal(response.status, answer);
    }
    showAnswer(words.answered(answer.status_code, JSON.stringify(answer.response, null, 2)));
  } catch (error) {
    showAnswer(`${error.status} ${error.message} ${adviceOn(error)}`);
  }
}

// What is written there, if it is a JSON object.
function objectIn(text) {
  try {
    const value = JSON.parse(text || "{}");
    return Object.prototype.toString.call(value) === "[object Object]" ? value : null;
  } catch {
    return null;
  }
}

export function startActions(currentRow) {
  on("restart", "click", () => act(currentRow(), "restart", {}));
  on("custom", "submit", (event) => {
    event.preventDefault();
    const action = element("action").value.trim();
    const body = objectIn(element("body").value.trim());
    const wrong = !NAME.test(action) ? words.badAction : body ? "" : words.badBody;
    if (wrong) {
      showAnswer(wrong);
    } else {
      act(currentRow(), action, body);
    }
  });
}
