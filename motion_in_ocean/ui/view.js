// Nodes one after the other: each keeps its place on the page, so that no refresh takes away focus,
// selection or the picture.

export class View {
  #items = new Map();

  constructor(list, make) {
    Object.assign(this, { list, make });
  }

  show(rows, fleet) {
    const focused = document.activeElement;
    const before = this.#items;
    this.#items = new Map(rows.map(({ id }) => [id, before.get(id) ?? this.make()]));
    for (const [id, item] of before) {
      if (!this.#items.has(id)) {
        item.element.remove();
        item.remove?.();
      }
    }
    rows.forEach((row) => this.#items.get(row.id).show(row, fleet));
    this.#arrange();
    if (focused !== document.activeElement) {
      (focused.isConnected ? focused : document.querySelector("h1")).focus({ preventScroll: true });
    }
  }

  // Moves as few as may be.
  #arrange() {
    let place = this.list.firstElementChild;
    for (const { element: child } of this.#items.values()) {
      if (place !== child && place?.nextElementSibling === child) {
        // It has gone further down; its turn comes.
        place.remove();
        place = child;
      }
      if (place === child) {
        place = place.nextElementSibling;
      } else {
        this.list.insertBefore(child, place);
      }
    }
  }
}
