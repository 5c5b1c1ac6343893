//go:build !purego

package kernel

// vector computes as many whole groups of 16 channels as there are in channels, and returns how many channels these are.
func (d *DepthwiseRow) vector(channels int) int {
	d.groups = channels / DepthwiseChannels
	if !Active.HasVectors() || d.groups == 0 {
		return 0
	}
	pixels := 4 // at a time
	if Active == AVX512 {
		pixels = 8
	}
	calls := max(1, d.N/pixels) * d.groups
	d.paceX, d.paceY = len(d.Later.X)/(16*calls), len(d.Later.Y)/(16*calls)
	if Active == AVX512 {
		depthwiseAVX512(d)
	} else {
		depthwiseAVX2(d)
	}
	return d.groups * DepthwiseChannels
}

func (d *DepthwiseWeights) vector(channels int) int {
	d.groups = channels / DepthwiseChannels
	if !Active.HasVectors() || d.groups == 0 {
		return 0
	}
	if inLine := d.XRow == d.Taps*d.XTap && d.SumRow == d.Taps*d.SumTap; Active == AVX512 && inLine && d.groups == 1 {
		depthwiseSumsAVX512(d)
	} else {
		depthwiseSumsAVX2(d)
	}
	return d.groups * DepthwiseChannels
}

// depthwiseAVX2 is runGo(0, 16*groups) for K0, K1, groups > 0.
//
//go:noescape
func depthwiseAVX2(d *DepthwiseRow)

// depthwiseAVX512 is depthwiseAVX2.
//
//go:noescape
func depthwiseAVX512(d *DepthwiseRow)

// depthwiseSumsAVX2 is runGo(0, 16*groups) for Taps of 1, 2 or 3, and TapRows, groups > 0.
//
//go:noescape
func depthwiseSumsAVX2(d *DepthwiseWeights)

// depthwiseSumsAVX512 is runGo(0, 16) where the rows of taps make one row of evenly spaced taps.
//
//go:noescape
func depthwiseSumsAVX512(d *DepthwiseWeights)
