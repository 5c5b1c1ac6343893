// Points on a canvas: by WebGL2 where a graphics card does it, else pixel by pixel, which
// is several times as fast as WebGL2 in software. Positions are in a cube from -1 to 1; a
// matrix turns and scales them. Draws only when asked to.

const vertex = `#version 300 es
uniform mat4 turn;
uniform float size;
in vec3 place;
in vec4 colour;
in float big;
out vec4 tint;
void main() {
  gl_Position = turn * vec4(place, 1.0);
  gl_PointSize = size * big / max(0.4, 1.0 + 0.5 * gl_Position.z);
  tint = colour;
}`;

const fragment = `#version 300 es
precision mediump float;
in vec4 tint;
out vec4 result;
void main() {
  vec2 at = gl_PointCoord - 0.5;
  if (dot(at, at) > 0.25) discard;
  result = tint;
}`;

// inSoftware says whether WebGL2 is missing, or has no graphics card.
function inSoftware() {
  const gl = document.createElement("canvas").getContext("webgl2");
  const known = gl?.getExtension("WEBGL_debug_renderer_info");
  const name = known ? gl.getParameter(known.UNMASKED_RENDERER_WEBGL) : "";
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return !gl || /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}

export class Cloud {
  // plain takes a plain canvas, or does not, whatever there is.
  constructor(canvas, plain = inSoftware()) {
    this.canvas = canvas;
    this.count = 0;
    this.gl = plain ? null : canvas.getContext("webgl2", { antialias: false, alpha: true, premultipliedAlpha: false });
    if (!this.gl) {
      this.ctx = canvas.getContext("2d");
      return;
    }
    this.build();
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => {
      this.build();
      if (this.places) this.setPlaces(this.places);
      if (this.colours) this.setColours(this.colours, this.bigs);
      this.restored?.();
    });
  }

  get kind() { return this.gl ? "WebGL2" : "canvas"; }

  build() {
    const { gl } = this;
    const program = gl.createProgram();
    for (const [type, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) throw new Error(gl.getProgramInfoLog(program));
    gl.useProgram(program);
    this.turnAt = gl.getUniformLocation(program, "turn");
    this.sizeAt = gl.getUniformLocation(program, "size");
    this.buffers = {};
    for (const [name, width, type, norm] of [["place", 3, gl.FLOAT, false], ["colour", 4, gl.UNSIGNED_BYTE, true], ["big", 1, gl.FLOAT, false]]) {
      const at = gl.getAttribLocation(program, name);
      this.buffers[name] = gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name]);
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, width, type, norm, 0, 0);
    }
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
    gl.enable(gl.DEPTH_TEST);
    gl.depthFunc(gl.LEQUAL);
  }

  fill(name, data) {
    if (!this.gl) return;
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.buffers[name]);
    this.gl.bufferData(this.gl.ARRAY_BUFFER, data, this.gl.DYNAMIC_DRAW);
  }

  // setPlaces takes three numbers a point.
  setPlaces(places) {
    this.places = places;
    this.count = places.length / 3;
    this.fill("place", places);
  }

  // setColours takes four bytes a point, and how big each is beside the others.
  setColours(colours, bigs) {
    Object.assign(this, { colours, bigs });
    this.fill("colour", colours);
    this.fill("big", bigs);
  }

  draw(turn, size) {
    const { canvas, gl } = this;
    const width = Math.round(canvas.clientWidth * devicePixelRatio), height = Math.round(canvas.clientHeight * devicePixelRatio);
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    if (!gl) return this.drawPlain(turn, size * devicePixelRatio);
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.uniformMatrix4fv(this.turnAt, false, turn);
    gl.uniform1f(this.sizeAt, size * devicePixelRatio);
    gl.drawArrays(gl.POINTS, 0, this.count);
  }

  // drawPlain writes squares of pixels, the nearest over those behind.
  drawPlain(turn, size) {
    const { ctx, canvas: { width, height }, colours, bigs, count, places } = this;
    if (width === 0 || height === 0) return;
    if (this.image?.width !== width || this.image.height !== height) {
      this.image = ctx.createImageData(width, height);
      this.depths = new Float32Array(width * height);
    }
    const pixels = new Uint32Array(this.image.data.buffer), tints = new Uint32Array(colours.buffer, colours.byteOffset, count), { depths } = this;
    pixels.fill(0);
    depths.fill(Infinity);
    for (let i = 0; i < count; i++) {
      const px = places[3 * i], py = places[3 * i + 1], pz = places[3 * i + 2];
      const x = turn[0] * px + turn[4] * py + turn[8] * pz + turn[12], y = turn[1] * px + turn[5] * py + turn[9] * pz + turn[13];
      const z = turn[2] * px + turn[6] * py + turn[10] * pz + turn[14], side = Math.max(1, Math.round(size * bigs[i]));
      const left = Math.round((x + 1) / 2 * width - side / 2), top = Math.round((1 - y) / 2 * height - side / 2);
      const right = Math.min(width, left + side), bottom = Math.min(height, top + side), tint = tints[i];
      for (let v = Math.max(0, top); v < bottom; v++) {
        for (let at = v * width + Math.max(0, left), end = v * width + right; at < end; at++) {
          if (z <= depths[at]) {
            depths[at] = z;
            pixels[at] = tint;
          }
        }
      }
    }
    ctx.putImageData(this.image, 0, 0);
  }

  // project is where a point lies, from -1 to 1.
  project(m, i) {
    const x = this.places[3 * i], y = this.places[3 * i + 1], z = this.places[3 * i + 2];
    return [m[0] * x + m[4] * y + m[8] * z + m[12], m[1] * x + m[5] * y + m[9] * z + m[13], m[2] * x + m[6] * y + m[10] * z + m[14]];
  }

  release() {
    this.gl?.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

// turned is the matrix of a camera: about the vertical by yaw, then towards the viewer
// by pitch, moved, and as large as zoom on the shorter side.
export function turned({ yaw, pitch, zoom, x, y }, width, height) {
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  const short = Math.min(width, height), sx = 0.9 * zoom * short / width, sh = 0.9 * zoom * short / height, sz = 0.5 / Math.max(1, zoom);
  return new Float32Array([
    sx * cy, sh * sp * sy, -sz * cp * sy, 0,
    0, sh * cp, sz * sp, 0,
    sx * sy, -sh * sp * cy, sz * cp * cy, 0,
    sx * x, sh * y, 0, 1]);
}

// spread moves points [n, dims] to the middle and scales them into the cube; or as others were, whose frame it is.
export function spread(points, dims, frame) {
  const n = points.length / dims, out = new Float32Array(3 * n);
  if (frame) {
    for (let i = 0; i < points.length; i++) out[3 * Math.floor(i / dims) + i % dims] = (points[i] - frame.middle[i % dims]) / (frame.most || 1);
    return out;
  }
  for (let d = 0; d < dims; d++) {
    let [low, high] = [Infinity, -Infinity];
    for (let i = d; i < points.length; i += dims) {
      if (points[i] < low) low = points[i];
      if (points[i] > high) high = points[i];
    }
    const middle = (low + high) / 2;
    for (let i = 0; i < n; i++) out[3 * i + d] = points[i * dims + d] - middle;
  }
  let most = 0;
  for (const v of out) if (Math.abs(v) > most) most = Math.abs(v);
  if (most > 0) for (let i = 0; i < out.length; i++) out[i] /= most;
  return out;
}
