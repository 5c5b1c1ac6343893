package augment

import (
	"fmt"
	"math"
)

// Mixed says what a row of a lane became: Share of itself and the rest of another row. A row's loss is Share times the
// loss for its own target plus 1-Share times the loss for the other's.
type Mixed struct {
	Other int // row of the lane
	Share float32
}

// mixer is an action on the rows of a lane.
type mixer interface {
	action
	chance() float64
	mix(d *draws, own, other []float32, height, width, channels int) (share float32)
}

// Mix mixes the rows of one lane in place: each with the next one, the last with the first. Rows are [height, width,
// channels]; a sound's are [length, 1, 1]. When the pipeline has both mixup and cutmix, each row is mixed by one of them,
// each as likely. What row i becomes depends on keys[i] and the two rows; mixed, when it is not nil, tells the shares.
// It panics when lengths do not fit.
func (p *Pipeline) Mix(keys []Key, rows []float32, height, width, channels int, mixed []Mixed) {
	n, size := len(keys), height*width*channels
	if len(rows) != n*size || mixed != nil && len(mixed) != n {
		panic(fmt.Sprintf("augment: %d keys and %d shares for %d values in rows of %dx%dx%d", n, len(mixed), len(rows), height, width, channels))
	}
	for i := range mixed {
		mixed[i] = Mixed{Other: i, Share: 1}
	}
	if len(p.mixers) == 0 || n < 2 {
		return
	}
	r := p.take()
	defer p.give(r)
	first := append(r.sound[0][:0], rows[:size]...) // the last row needs it after it was changed
	r.sound[0] = first
	for i, k := range keys {
		other := first
		if i+1 < n {
			other = rows[(i+1)*size:][:size]
		}
		d := &r.draws
		*d = k.draws(maxOps)
		m := p.mixers[d.below(len(p.mixers))]
		if !d.chance(m.chance()) {
			continue
		}
		share := m.mix(d, rows[i*size:][:size], other, height, width, channels)
		if mixed != nil {
			mixed[i] = Mixed{Other: (i + 1) % n, Share: share}
		}
	}
}

// mixup is the weighted mean of two rows, weighted by Beta(alpha, alpha) (Zhang et al., 2017).
type mixup struct{ alpha, p float64 }

func (o mixup) run(*runner, *draws) {}
func (o mixup) settled() string     { return "" }
func (o mixup) chance() float64     { return o.p }

func (o mixup) mix(d *draws, own, other []float32, _, _, _ int) float32 {
	share := float32(d.beta(o.alpha))
	rest := 1 - share
	for i, v := range own {
		own[i] = float32(share*v) + float32(rest*other[i])
	}
	return share
}

// cutmix replaces a part of a row by that of another (Yun et al., 2019). The part's area is 1 less a number of
// Beta(alpha, alpha), and what lies outside is cut off; the share is what is left of the row.
type cutmix struct{ alpha, p float64 }

func (o cutmix) run(*runner, *draws) {}
func (o cutmix) settled() string     { return "" }
func (o cutmix) chance() float64     { return o.p }

func (o cutmix) mix(d *draws, own, other []float32, height, width, channels int) float32 {
	left := d.beta(o.alpha)
	y, x := d.below(height), d.below(width)
	half := float64(0.5 * math.Sqrt(1-left))
	if width == 1 && channels == 1 { // a sound
		half = float64(0.5 * (1 - left))
	}
	h, w := int(float64(half*float64(height))), int(float64(half*float64(width)))
	y1, y2 := max(0, y-h), min(height, y+h)
	x1, x2 := max(0, x-w), min(width, x+w)
	if width == 1 {
		x1, x2 = 0, 1
	}
	for r := y1; r < y2; r++ {
		copy(own[(r*width+x1)*channels:(r*width+x2)*channels], other[(r*width+x1)*channels:])
	}
	area := float64(max(0, y2-y1)) * float64(max(0, x2-x1))
	return float32(1 - area/(float64(height)*float64(width)))
}
