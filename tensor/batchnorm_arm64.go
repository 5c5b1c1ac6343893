//go:build !purego

package tensor

// The kernels of batch norm in assembly take the columns that make whole pairs of vectors and return how many those are.

func vectorMoments(d channelRows) int {
	d.cols = wholeNEON(d.cols) &^ 7
	momentsNEON(&d)
	return d.cols
}

func vectorNorm(d channelRows) int {
	d.cols = wholeNEON(d.cols) &^ 7
	normNEON(&d)
	return d.cols
}

func vectorNormSums(d channelRows) int {
	d.cols = wholeNEON(d.cols) &^ 7
	normSumsNEON(&d)
	return d.cols
}

func vectorNormBack(d channelRows) int {
	d.cols = wholeNEON(d.cols) &^ 7
	normBackNEON(&d)
	return d.cols
}

// channelRows.moments for cols a multiple of 8.
//
//go:noescape
func momentsNEON(d *channelRows)

// channelRows.norm for cols a multiple of 8.
//
//go:noescape
func normNEON(d *channelRows)

// channelRows.sums for cols a multiple of 8.
//
//go:noescape
func normSumsNEON(d *channelRows)

// channelRows.back for cols a multiple of 8.
//
//go:noescape
func normBackNEON(d *channelRows)
