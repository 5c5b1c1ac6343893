//go:build !purego

package tensor

// The kernels of batch norm in assembly take the columns that make whole vectors and return how many those are.

func vectorMoments(d channelRows) int {
	d.cols = whole(d.cols)
	momentsAVX2(&d)
	return d.cols
}

func vectorNorm(d channelRows) int {
	d.cols = whole(d.cols)
	normAVX2(&d)
	return d.cols
}

func vectorNormSums(d channelRows) int {
	d.cols = whole(d.cols)
	normSumsAVX2(&d)
	return d.cols
}

func vectorNormBack(d channelRows) int {
	d.cols = whole(d.cols)
	normBackAVX2(&d)
	return d.cols
}

// channelRows.moments for cols a multiple of 8.
//
//go:noescape
func momentsAVX2(d *channelRows)

// channelRows.norm for cols a multiple of 8.
//
//go:noescape
func normAVX2(d *channelRows)

// channelRows.sums for cols a multiple of 8.
//
//go:noescape
func normSumsAVX2(d *channelRows)

// channelRows.back for cols a multiple of 8.
//
//go:noescape
func normBackAVX2(d *channelRows)
