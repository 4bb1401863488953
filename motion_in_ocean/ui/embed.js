// Addresses to take along, as they are from here.

import { element, make, setText } from "./dom.js";
import { viewer as strings } from "./strings.js";

const BACK_MS = 3000;

export function offerAddresses() {
  element("addresses").replaceChildren(
    ...strings.embeds.map(([what, path, wrap = String]) =>
      address(what, wrap(new URL(path, location.href).href)),
    ),
  );
}

function address(what, value) {
  const field = make("input", { className: "field", readOnly: true, value });
  field.setAttribute("aria-label", what);
  field.addEventListener("focus", () => field.select());
  const button = make("button", { type: "button", className: "button", textContent: strings.copy });
  button.setAttribute("aria-label", strings.copyOf(what));
  const answer = make("span", { role: "status" });
  button.addEventListener("click", async () => {
    let word = strings.copied;
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      // Over plain HTTP there is no clipboard for pages.
      field.focus();
      word = strings.selected;
    }
    setText(answer, word);
    setTimeout(() => setText(answer, ""), BACK_MS);
  });
  return make("li", {}, make("p", { className: "muted" }, what, " ", answer), field, button);
}
