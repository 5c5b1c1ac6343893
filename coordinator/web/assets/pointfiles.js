// Files of TensorBoard's projector: its bookmarks, and what is known of each point.

export const methods = { pca: "PCA", tsne: "t-SNE", umap: "UMAP", custom: "custom" };

const mostBookmarks = 100;

// bookmarks reads a list of states of its page: of each what can be shown of n points. What is not usable is left out.
export function bookmarks(text, n) {
  const all = JSON.parse(text);
  if (!Array.isArray(all)) throw new Error("bookmarks are a list of states");
  return all.slice(0, mostBookmarks).map((state, i) => read(state ?? {}, i, n)).filter(Boolean);
}

function read(state, i, n) {
  const method = Object.keys(methods).find((m) => m === state.selectedProjection);
  if (!method || !Array.isArray(state.projections) || state.projections.length !== n) return null;
  const axes = method === "pca" && Array.isArray(state.pcaComponentDimensions) ? state.pcaComponentDimensions : [0, 1, 2];
  const keys = axes.map((d) => `${method}-${d}`).concat(method === "custom" ? ["custom-x", "custom-y"] : []).filter((key) => Number.isFinite(state.projections[0]?.[key])).slice(0, 3);
  const flat = { tsne: state.tSNEis3d === false, umap: state.umapIs3d === false }[method] ?? false;
  const dims = flat ? 2 : keys.length;
  if (dims < 2 || keys.length < dims) return null;
  const points = new Float32Array(n * dims);
  for (let p = 0; p < n; p++) {
    for (let d = 0; d < dims; d++) {
      const v = Number(state.projections[p]?.[keys[d]]);
      if (!Number.isFinite(v)) return null;
      points[p * dims + d] = v;
    }
  }
  const picked = Array.isArray(state.selectedPoints) ? state.selectedPoints[0] : undefined;
  return { label: String(state.label || `bookmark ${i + 1}`).slice(0, 80), method, dims, points, pick: Number.isInteger(picked) ? picked : null,
    colour: typeof state.selectedColorOptionName === "string" ? state.selectedColorOptionName : null, camera: looks(state.cameraDef) };
}

// looks is our camera of one of theirs: from which side it looks.
function looks(camera) {
  const at = camera?.position, to = camera?.target ?? {}; // lists, or in older files objects
  const [x, y, z] = ["x", "y", "z"].map((k, i) => Number(at?.[k] ?? at?.[i]) - (Number(to[k] ?? to[i]) || 0));
  const far = Math.hypot(x, y, z);
  if (!(far > 0) || !Number.isFinite(far)) return null;
  return { yaw: Math.atan2(-x, z), pitch: Math.asin(Math.max(-1, Math.min(1, y / far))), zoom: Math.max(0.2, Math.min(50, Number(camera.zoom) || 1)), x: 0, y: 0 };
}

// expected is what their page reads of every state, and stops half way without.
const texts = ["customXLeft", "customXRight", "customYUp", "customYDown"];
const expected = { tSNEPerplexity: 30, tSNELearningRate: 1, umapNeighbors: 15, umapMinDist: 0.1,
  ...Object.fromEntries(texts.flatMap((name) => [[`${name}Text`, ""], [`${name}Regex`, false]])) };

// bookmark is what is shown as a state of their page.
export function bookmark({ label, method, dims, points, wide, pick, near, colour, camera }) {
  const projections = [];
  for (let i = 0; i < points.length / dims; i++) {
    projections.push(Object.fromEntries(Array.from({ length: dims }, (_, d) => [`${method}-${d}`, points[i * dims + d]])));
  }
  const { yaw, pitch, zoom } = camera, cos = Math.cos(pitch);
  return JSON.stringify([{
    label, isSelected: true, selectedProjection: method, dataSetDimensions: [projections.length, wide], projections,
    pcaComponentDimensions: Array.from({ length: dims }, (_, d) => d), tSNEis3d: dims === 3, umapIs3d: dims === 3, tSNEIteration: 1000,
    ...expected,
    selectedPoints: pick < 0 ? [] : [pick, ...near], selectedColorOptionName: colour,
    cameraDef: { orthographic: dims === 2, zoom, target: [0, 0, 0], position: [-3.5 * cos * Math.sin(yaw), 3.5 * Math.sin(pitch), 3.5 * cos * Math.cos(yaw)] },
  }]);
}

// metadata reads a line for each of n points; before those of several columns stands a line with their names.
export function metadata(text, n) {
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/).map((line) => line.split("\t"));
  const columns = lines[0].length > 1 ? lines.shift() : ["label"];
  const odd = lines.findIndex((fields) => fields.length !== columns.length);
  if (lines.length !== n) throw new Error(`${lines.length} lines for ${n} points`);
  if (odd >= 0) throw new Error(`line ${odd + 1} of the points has ${lines[odd].length} columns, and there are ${columns.length}`);
  return { columns, values: columns.map((_, c) => lines.map((fields) => fields[c])) };
}
