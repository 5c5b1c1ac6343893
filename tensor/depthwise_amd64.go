//go:build !purego

package tensor

// run computes the rows of as many whole groups of 16 channels as there are up to channels, and returns how
// many channels that is.
func (d *depthwise) run(channels int) int {
	d.groups = channels / depthwiseChannels
	if !active.vectors() || d.groups == 0 {
		return 0
	}
	calls := max(1, d.n/4) * d.groups
	d.paceX, d.paceY = len(d.later.x)/(16*calls), len(d.later.y)/(16*calls)
	depthwiseAVX2(d)
	return d.groups * depthwiseChannels
}

func (d *depthwiseSums) run(channels int) int {
	d.groups = channels / depthwiseChannels
	if !active.vectors() || d.groups == 0 {
		return 0
	}
	depthwiseSumsAVX2(d)
	return d.groups * depthwiseChannels
}

// depthwiseAVX2 is runGo(0, 16*groups) for k0, k1, groups > 0.
//
//go:noescape
func depthwiseAVX2(d *depthwise)

// depthwiseSumsAVX2 is runGo(0, 16*groups) for k of 1, 2 or 3, and k1, groups > 0.
//
//go:noescape
func depthwiseSumsAVX2(d *depthwiseSums)
