// Package projector is points with what is known of them, their layouts, and both as files and over HTTP.
//
//	set, err := projector.Read("logs/projector_config.pbtxt") // or a .tsv of numbers
//	settings := projector.Settings{Method: "umap", Dims: 2, Metric: "cosine", Perplexity: 30, Neighbors: 15}
//	layouts := projector.NewLayouts(pool, set, projector.Cache{Dir: "runs/x/projections"})
//	flat, err := layouts.Get(ctx, settings, nil)
//	err = projector.Write("out", set, flat)
//	points, wait := projector.Handler(ctx, pool, projector.One{Set: set}, settings) // answers below /api/projector
//
// Files are those of TensorBoard's Embedding Projector, which reads and writes
// the same: a projector_config.pbtxt (of the plugin) and .json (of the standalone
// page) that name tensors.bytes (float32, little-endian, row by row) or a .tsv,
// metadata.tsv (a line for each point; of several columns the first line has
// their names), and bookmarks with the layouts, so that it need not compute any.
//
// A layout is a function of the points and the [Settings], and kept in a cache under
// the SHA-256 of both.
//
// What a file holds is not trusted: sizes are bounded, points must be finite, and an
// error names the file and the line.
package projector
