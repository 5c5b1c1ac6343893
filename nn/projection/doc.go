// Package projection lays points of many dimensions out in two or three, to be
// looked at: embeddings, weights of an output layer, features of a data set.
//
// Points are the rows of a matrix, [n, d]:
//
//	x := projection.Sphereize(points)              // moved to their mean, made as long as one another
//	near := projection.Nearest(pool, x, 15, projection.Cosine)
//	flat, err := projection.UMAP(ctx, pool, x, near, projection.UMAPOptions{Dims: 2, Seed: 1})
//	projection.Trustworthiness(pool, x, flat, 12, 1000)
//
// # Methods
//
//	| function   | method                                                    | time for n points of d numbers |
//	| ---------- | --------------------------------------------------------- | ------------------------------ |
//	| PCA        | eigenvectors of the covariance, the largest first         | n·d²                           |
//	| SparsePCA  | the same of points that are mostly zero                   | what is not zero, many times   |
//	| TSNE       | t-SNE (van der Maaten, Hinton 2008) by Barnes and Hut     | n·log n for each iteration     |
//	| UMAP       | UMAP (McInnes, Healy, Melville 2018), begun spectrally    | n·k for each epoch             |
//	| Nearest    | k nearest neighbours, each point against each             | n²·d                           |
//	| Axis       | the direction from the mean of some points to another     | n·d                            |
//
// [Trustworthiness] and [Preservation] say how far a layout may be believed: what
// lies together in it need not lie together in d dimensions, nor the other way
// round. Distances between clusters, and their sizes, mean little in t-SNE and UMAP.
//
// # The same result each time
//
// All functions give the same numbers for the same points and seed, on any
// number of threads: work is shared out so that every sum is formed by one
// goroutine in one order, and randomness is counted (Philox), not drawn. Processors
// of another kind may give other last bits, and from those another layout of the
// same quality; nothing of it goes back into a run.
//
// # Errors
//
// Points that are not finite, or too few of them, are errors: they come from
// files. A shape that does not fit its partner is a mistake of the caller, and panics.
package projection
