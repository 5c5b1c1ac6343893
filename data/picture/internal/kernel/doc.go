// Package kernel has the inner loops of decoding and resizing pictures: the inverse cosine transform of JPEG, luma and
// colour differences to red, green and blue, and weighted sums along rows and columns.
//
// Each is a function of whole numbers with one result, so plain Go and AVX2 give the same pixels, and the tests hold one
// against the other. RONDO_TIER=go and the build tag purego leave plain Go alone.
package kernel
