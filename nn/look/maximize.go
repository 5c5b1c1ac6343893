package look

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/nn"
)

// Climb says how [Lens.Maximize] climbs.
type Climb struct {
	Steps  int     // of gradient ascent
	Noise  float32 // standard deviation of what it begins with; where it leaves all rectifiers shut others follow, up to 8 times as strong
	Rate   float32 // how far a step goes: the root of the mean square of the changes of all values
	Decay  float32 // what a step takes off every value, as a share: L2 regularization
	Blur   float32 // standard deviation in pixels of a blur every few steps; 0: none
	Every  int     // steps from one blur to the next
	Jitter int     // pixels by which the picture is moved before a step, and back behind it
	Seed   uint64
	Low    []float32 // by channel: the values that a picture can have
	High   []float32
	Stop   <-chan struct{} // closed: give up; nil: never
}

// DefaultClimb is for pictures from -1 to 1.
func DefaultClimb() Climb {
	return Climb{Steps: 200, Noise: 0.3, Rate: 0.05, Decay: 0.01, Blur: 0.4, Every: 4, Jitter: 2, Seed: 1}
}

// Validate returns an error that names the field.
func (c Climb) Validate() error {
	switch {
	case c.Steps < 1 || c.Steps > 1e6:
		return fmt.Errorf("steps %d: from 1 to 1000000", c.Steps)
	case !(c.Noise >= 0) || math.IsInf(float64(c.Noise), 0):
		return fmt.Errorf("noise %v: at least 0", c.Noise)
	case !(c.Rate > 0) || math.IsInf(float64(c.Rate), 0):
		return fmt.Errorf("rate %v: above 0", c.Rate)
	case !(c.Decay >= 0 && c.Decay < 1):
		return fmt.Errorf("decay %v: from 0 to below 1", c.Decay)
	case !(c.Blur >= 0 && c.Blur <= 16):
		return fmt.Errorf("blur %v: from 0 to 16", c.Blur)
	case c.Jitter < 0 || c.Jitter > 256:
		return fmt.Errorf("jitter %d: from 0 to 256", c.Jitter)
	case c.Every < 1 && c.Blur > 0:
		return fmt.Errorf("a blur every %d steps: at least 1", c.Every)
	}
	return nil
}

// Maximize makes a picture for which a unit of layer i is strong, or the mean of its channel where the unit's Y is below
// zero: it begins with noise and climbs along the gradient of the picture. It returns the picture and the value
// that it comes to; where no gradient ever comes, as through a dead rectifier, the picture is all zeros. The lens has been made with nn.Gradient and a batch of one row.
func (l *Lens) Maximize(i int, u Unit, c Climb) (Maps, float32, error) {
	images, ok := l.images()
	y := l.layers[i]
	all := u.Y < 0
	if all {
		u.Y, u.X = 0, 0
	}
	if err := u.Check(y); err != nil {
		return Maps{}, 0, err
	}
	if err := c.Validate(); err != nil {
		return Maps{}, 0, err
	}
	if !ok {
		return Maps{}, 0, fmt.Errorf("the network reads no images")
	}
	x := Maps{Height: images.Height, Width: images.Width, Channels: images.Channels, Values: images.Image(0)}
	noise, deviation, climbs := nn.Stream{Seed: c.Seed, Use: nn.UseSample}, c.Noise, false
	noise.Normal(x.Values, deviation)
	moved := make([]float32, len(x.Values))
	fill := func(begin Maps) {
		if !all {
			begin.Values[(u.Y*begin.Width+u.X)*begin.Channels+u.Channel] = 1
			return
		}
		for p := range begin.Height * begin.Width {
			begin.Values[p*begin.Channels+u.Channel] = 1 / float32(begin.Height*begin.Width)
		}
	}
	for step := range c.Steps {
		select {
		case <-c.Stop:
			return Maps{}, 0, fmt.Errorf("given up after %d of %d steps", step, c.Steps)
		default:
		}
		down, across := jitter(c, step)
		roll(moved, x, down, across)
		copy(x.Values, moved)
		l.Forward()
		g, err := l.back(i, fill, 0)
		if err != nil {
			return Maps{}, 0, err
		}
		if climbs = c.climb(x, g.Values) || climbs; !climbs {
			noise.Lane, deviation = noise.Lane+1, min(1.5*deviation, 8*c.Noise)
			noise.Normal(x.Values, deviation)
			c.clamp(x)
			continue
		}
		roll(moved, x, -down, -across)
		copy(x.Values, moved)
		if c.Blur > 0 && step%c.Every == c.Every-1 && step < c.Steps-1 {
			blur(x, c.Blur)
		}
	}
	if !climbs {
		clear(x.Values) // a picture of noise would claim what is not so
	}
	l.Forward()
	found, m := x, l.Maps(i, 0)
	found.Values = append([]float32{}, x.Values...)
	if !all {
		return found, m.At(u.Y, u.X, u.Channel), nil
	}
	sum := float32(0)
	for _, v := range m.Channel(u.Channel) {
		sum += v
	}
	return found, sum / float32(m.Height*m.Width), nil
}

// images is the batch's images.
func (l *Lens) images() (*nn.Images, bool) {
	for _, p := range l.Batch.Parts() {
		if m, ok := p.Holds.(*nn.Images); ok {
			return m, true
		}
	}
	return nil, false
}

// climb takes one step. Where rectifiers let no gradient through it returns false.
func (c Climb) climb(x Maps, g []float32) bool {
	square := 0.0
	for _, v := range g {
		square += float64(v) * float64(v)
	}
	if !(square > 0) {
		return false
	}
	rate := c.Rate / float32(math.Sqrt(square/float64(len(g))))
	for i := range x.Values {
		x.Values[i] = (1-c.Decay)*x.Values[i] + rate*g[i]
	}
	c.clamp(x)
	return true
}

// clamp keeps values where pictures can be.
func (c Climb) clamp(x Maps) {
	for i, v := range x.Values {
		low, high := float32(-1), float32(1)
		if k := i % x.Channels; k < len(c.Low) && k < len(c.High) {
			low, high = c.Low[k], c.High[k]
		}
		x.Values[i] = min(max(v, low), high)
	}
}

// jitter is by how many pixels a step moves the picture.
func jitter(c Climb, step int) (down, across int) {
	u := nn.Stream{Seed: c.Seed, Use: nn.UseSample, Step: uint64(step) + 1}
	span := float32(2*c.Jitter + 1)
	return int(u.Float(0)*span) - c.Jitter, int(u.Float(1)*span) - c.Jitter
}

// roll moves a picture round its edges.
func roll(dst []float32, x Maps, down, across int) {
	h, w, c := x.Height, x.Width, x.Channels
	for row := range h {
		to := ((row+down)%h + h) % h
		for col := range w {
			at := ((col+across)%w + w) % w
			copy(dst[(to*w+at)*c:][:c], x.Values[(row*w+col)*c:][:c])
		}
	}
}

// blur is a Gaussian one, down and across, that repeats the pixels of the edges.
func blur(x Maps, deviation float32) {
	reach := int(math.Ceil(3 * float64(deviation)))
	weights, sum := make([]float32, 2*reach+1), float32(0)
	for i := range weights {
		d := float64(i-reach) / float64(deviation)
		weights[i] = float32(math.Exp(-d * d / 2))
		sum += weights[i]
	}
	from := make([]float32, len(x.Values))
	pass := func(length, stride, start int) {
		for i := range length {
			v := float32(0)
			for k, w := range weights {
				at := min(max(i+k-reach, 0), length-1)
				v += w * from[start+at*stride]
			}
			x.Values[start+i*stride] = v / sum
		}
	}
	line := x.Width * x.Channels
	copy(from, x.Values)
	for start := range line {
		pass(x.Height, line, start)
	}
	copy(from, x.Values)
	for row := range x.Height {
		for channel := range x.Channels {
			pass(x.Width, x.Channels, row*line+channel)
		}
	}
}
