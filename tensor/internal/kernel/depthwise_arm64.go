//go:build !purego

package kernel

// vector computes as many whole groups of 16 channels as there are in channels, and returns how many channels these are.
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

// depthwiseNEON is runGo(0, 16*groups) for K0, K1, groups > 0.
//
//go:noescape
func depthwiseNEON(d *DepthwiseRow)

// depthwiseSumsNEON is runGo(0, 16*groups) for Taps, TapRows, groups > 0.
//
//go:noescape
func depthwiseSumsNEON(d *DepthwiseWeights)
