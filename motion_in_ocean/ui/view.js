// Nodes one after the other: each keeps its place on the page, so that no refresh takes away focus,
// selection or the picture.

import { arrange } from "./lists.js";

export class View {
  #items = new Map();

  constructor(list, make) {
    Object.assign(this, { list, make });
  }

  show(rows, fleet) {
    const items = rows.map((row) => {
      const item = this.#items.get(row.id) ?? this.make();
      this.#items.set(row.id, item);
      item.show(row, fleet);
      return item;
    });
    const shown = new Set(items);
    for (const [id, item] of this.#items) {
      if (!shown.has(item)) {
        item.remove();
        this.#items.delete(id);
      }
    }
    const elements = items.map((item) => item.element);
    arrange(this.list, elements);
  }
}
