//go:build !purego

package kernel

// The kernels of batch norm in assembly take the columns that make whole pairs of vectors and return how many those are.

func vectorMoments(d ChannelRows) int {
	d.Cols = wholeNEON(d.Cols) &^ 7
	momentsNEON(&d)
	return d.Cols
}

func vectorNorm(d ChannelRows) int {
	d.Cols = wholeNEON(d.Cols) &^ 7
	normNEON(&d)
	return d.Cols
}

func vectorNormSums(d ChannelRows) int {
	d.Cols = wholeNEON(d.Cols) &^ 7
	normSumsNEON(&d)
	return d.Cols
}

func vectorNormBack(d ChannelRows) int {
	d.Cols = wholeNEON(d.Cols) &^ 7
	normBackNEON(&d)
	return d.Cols
}

// ChannelRows.Moments, for Cols a multiple of 8.
//
//go:noescape
func momentsNEON(d *ChannelRows)

// ChannelRows.Norm, for Cols a multiple of 8.
//
//go:noescape
func normNEON(d *ChannelRows)

// ChannelRows.NormSums, for Cols a multiple of 8.
//
//go:noescape
func normSumsNEON(d *ChannelRows)

// ChannelRows.NormBack, for Cols a multiple of 8.
//
//go:noescape
func normBackNEON(d *ChannelRows)
