// The nodes as a wall of pictures.

import { make } from "./dom.js";
import { showLink, showPill } from "./nodes-table.js";
import { Picture } from "./pictures.js";

const WIDTH = 480;

export class Card {
  picture = new Picture(WIDTH);
  link = make("a");
  state = make("span");
  text = make("p", {}, this.link, this.state);
  element = make("li", { className: "panel" }, this.picture.figure, this.text);

  constructor(pictures) {
    this.pictures = pictures;
  }

  show(row) {
    showLink(this.link, row);
    showPill(this.state, row.state);
    this.pictures.show(this.picture, row);
  }

  remove() {
    this.pictures.remove(this.picture);
  }
}
