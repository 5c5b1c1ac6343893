//go:build !purego

package kernel

// vector computes the rows of as many whole groups of 16 channels as there are up to channels, and returns how
// many channels that is.
func (d *DepthwiseRow) vector(channels int) int {
	d.groups = channels / DepthwiseChannels
	if Active != NEON || d.groups == 0 {
		return 0
	}
	depthwiseNEON(d)
	return d.groups * DepthwiseChannels
}

func (d *DepthwiseWeights) vector(channels int) int {
	d.groups = channels / DepthwiseChannels
	if Active != NEON || d.groups == 0 {
		return 0
	}
	depthwiseSumsNEON(d)
	return d.groups * DepthwiseChannels
}

// depthwiseNEON is runGo(0, 16*groups) for k0, k1, groups > 0.
//
//go:noescape
func depthwiseNEON(d *DepthwiseRow)

// depthwiseSumsNEON is runGo(0, 16*groups) for k, k1, groups > 0.
//
//go:noescape
func depthwiseSumsNEON(d *DepthwiseWeights)
