// Small pictures of the points, all in one large one: on the stage and in lists.

const mostPictures = 1500; // on the stage
const side = 28; // pixels of the longer side there

export class Pictures {
  // sprite says how large the small ones are and how many stand in a row of the one at url.
  constructor(sprite, url, shown) {
    Object.assign(this, sprite, { url });
    this.image = new Image();
    this.image.addEventListener("load", shown);
    this.image.src = url;
  }

  corner(i) {
    return [i % this.across * this.width, Math.floor(i / this.across) * this.height];
  }

  // put shows that of a point behind a node.
  put(node, i) {
    const [x, y] = this.corner(i), scale = side / Math.max(this.width, this.height);
    Object.assign(node.style, { width: `${this.width * scale}px`, height: `${this.height * scale}px`, backgroundImage: `url("${this.url}")`,
      backgroundPosition: `${-x * scale}px ${-y * scale}px`, backgroundSize: `${this.image.naturalWidth * scale}px auto` });
  }

  // draw draws those of count points, or of some, evenly spread, where there are too many; and of those in marked. What lies
  // in front comes last. place tells pixel and depth of a point, tint its colour.
  draw(ctx, { count, marked, flat, place, tint }) {
    if (!this.image.naturalWidth) return;
    const scale = side / Math.max(this.width, this.height), [w, h] = [this.width * scale, this.height * scale];
    const every = Math.max(1, Math.ceil(count / mostPictures)), all = new Set(marked);
    for (let i = 0; i < count; i += every) all.add(i);
    const list = [...all].map((i) => [i, ...place(i)]);
    if (!flat) list.sort((a, b) => b[3] - a[3]);
    ctx.lineWidth = 2;
    for (const [i, x, y] of list) {
      ctx.drawImage(this.image, ...this.corner(i), this.width, this.height, x - w / 2, y - h / 2, w, h);
      ctx.strokeStyle = tint(i);
      ctx.strokeRect(x - w / 2 - 1, y - h / 2 - 1, w + 2, h + 2);
    }
  }
}
