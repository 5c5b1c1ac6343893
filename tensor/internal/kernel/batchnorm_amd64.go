//go:build !purego

package kernel

// The kernels of batch norm in assembly take the columns that make whole vectors and return how many those are.

func vectorMoments(d ChannelRows) int {
	if d.Cols = whole(d.Cols); d.Cols > 0 {
		momentsAVX2(&d)
	}
	return d.Cols
}

func vectorNorm(d ChannelRows) int {
	if d.Cols = whole(d.Cols); d.Cols > 0 {
		normAVX2(&d)
	}
	return d.Cols
}

func vectorNormSums(d ChannelRows) int {
	if d.Cols = whole(d.Cols); d.Cols > 0 {
		normSumsAVX2(&d)
	}
	return d.Cols
}

func vectorNormBack(d ChannelRows) int {
	if d.Cols = whole(d.Cols); d.Cols > 0 {
		normBackAVX2(&d)
	}
	return d.Cols
}

// ChannelRows.Moments, for Cols a multiple of 8.
//
//go:noescape
func momentsAVX2(d *ChannelRows)

// ChannelRows.Norm, for Cols a multiple of 8.
//
//go:noescape
func normAVX2(d *ChannelRows)

// ChannelRows.NormSums, for Cols a multiple of 8.
//
//go:noescape
func normSumsAVX2(d *ChannelRows)

// ChannelRows.NormBack, for Cols a multiple of 8.
//
//go:noescape
func normBackAVX2(d *ChannelRows)
