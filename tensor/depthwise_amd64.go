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
	if !active.vectors() {
		return 0
	}
	e := *d
	done := 0
	parts := max(1, channels/depthwiseChannels)
	for ; done+depthwiseChannels <= channels; done += depthwiseChannels {
		if d.later.x != nil || d.later.y != nil {
			d.later.fetch(done/depthwiseChannels, parts)
		}
		depthwiseSumsAVX2(&e)
		e.sums, e.dy, e.x = e.sums[depthwiseChannels:], e.dy[depthwiseChannels:], e.x[depthwiseChannels:]
	}
	return done
}

// fetch asks for part i of the rows.
func (l *later) fetch(i, parts int) {
	for _, row := range [...][]float32{l.x, l.y} {
		lo, hi := span(len(row)/16, parts, i)
		if lo < hi {
			fetchAVX2(&row[lo*16], hi-lo)
		}
	}
}

// fetchAVX2 asks for cache lines.
//
//go:noescape
func fetchAVX2(p *float32, lines int)

// depthwiseAVX2 is runGo(0, 16*groups) for k0, k1, groups > 0.
//
//go:noescape
func depthwiseAVX2(d *depthwise)

// depthwiseSumsAVX2 is runGo(16) for k of 1, 2 or 3.
//
//go:noescape
func depthwiseSumsAVX2(d *depthwiseSums)
