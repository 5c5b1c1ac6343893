//go:build !purego

package tensor

// run computes the rows of as many whole groups of 16 channels as there are up to channels, and returns how
// many channels that is.
func (d *depthwise) run(channels int) int {
	d.groups = channels / depthwiseChannels
	if active != tierNEON || d.groups == 0 {
		return 0
	}
	depthwiseNEON(d)
	return d.groups * depthwiseChannels
}

func (d *depthwiseSums) run(channels int) int {
	d.groups = channels / depthwiseChannels
	if active != tierNEON || d.groups == 0 {
		return 0
	}
	depthwiseSumsNEON(d)
	return d.groups * depthwiseChannels
}

// depthwiseNEON is runGo(0, 16*groups) for k0, k1, groups > 0.
//
//go:noescape
func depthwiseNEON(d *depthwise)

// depthwiseSumsNEON is runGo(0, 16*groups) for k, k1, groups > 0.
//
//go:noescape
func depthwiseSumsNEON(d *depthwiseSums)
