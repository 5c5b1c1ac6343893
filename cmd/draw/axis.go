package draw

import (
	"math"
	"strconv"
)

// axis maps values to pixels.
type axis struct {
	low, high float64 // of the values
	log       bool
	from, to  float64 // of the pixels
}

// axes are those that hold all finite points.
func (c *Chart) axes() (x, y axis) {
	x, y = axis{low: math.Inf(1), high: math.Inf(-1), log: c.LogX}, axis{low: math.Inf(1), high: math.Inf(-1), log: c.LogY}
	for _, s := range c.Series {
		for i := range min(len(s.X), len(s.Y)) {
			if !x.shows(s.X[i]) || !y.shows(s.Y[i]) {
				continue
			}
			x.low, x.high = min(x.low, s.X[i]), max(x.high, s.X[i])
			y.low, y.high = min(y.low, s.Y[i]), max(y.high, s.Y[i])
		}
	}
	x.widen(0)
	y.widen(0.04)
	return x, y
}

// shows says whether a value has a place on the axis.
func (a axis) shows(v float64) bool { return v-v == 0 && (!a.log || v > 0) }

// widen leaves a share of room at the ends, and makes one value a range.
func (a *axis) widen(share float64) {
	switch {
	case a.low > a.high:
		a.low, a.high = 0, 1
		if a.log {
			a.low = 0.1
		}
	case a.low == a.high && a.log:
		a.low, a.high = a.low/2, a.high*2
	case a.low == a.high:
		d := max(math.Abs(a.low)/2, 1)
		a.low, a.high = a.low-d, a.high+d
	case a.log:
		f := math.Exp((math.Log(a.high) - math.Log(a.low)) * share)
		a.low, a.high = max(a.low/f, math.SmallestNonzeroFloat64), min(a.high*f, math.MaxFloat64)
	default:
		d := (a.high - a.low) * share
		a.low, a.high = a.low-d, a.high+d
	}
}

func (a *axis) place(from, to float64) { a.from, a.to = from, to }

// at is the pixel of a value; NaN where it has none.
func (a axis) at(v float64) float64 {
	if !a.shows(v) {
		return math.NaN()
	}
	share := (v - a.low) / (a.high - a.low)
	if a.log {
		share = (math.Log(v) - math.Log(a.low)) / (math.Log(a.high) - math.Log(a.low))
	}
	return a.from + share*(a.to-a.from)
}

// even widens one of two axes about its middle, so that both have as many pixels for the same difference.
func even(x, y *axis) {
	per := func(a *axis) float64 { return (a.high - a.low) / math.Abs(a.to-a.from) }
	for _, pair := range [][2]*axis{{x, y}, {y, x}} {
		if a, b := pair[0], pair[1]; per(a) < per(b) {
			middle, half := (a.low+a.high)/2, per(b)*math.Abs(a.to-a.from)/2
			a.low, a.high = middle-half, middle+half
		}
	}
}

// tick is a value that is named on the axis.
type tick struct {
	value float64
	name  string
}

// ticks are about n round values. Their names have as many figures as it takes to tell them apart.
func (a axis) ticks(n int) []tick {
	values := a.round(n)
	ticks := make([]tick, len(values))
	for figures := 4; figures <= 17; figures++ {
		same := false
		for i, v := range values {
			ticks[i] = tick{v, tickText(v, figures)}
			same = same || i > 0 && ticks[i].name == ticks[i-1].name
		}
		if !same {
			break
		}
	}
	return ticks
}

// round are about n round values of the axis.
func (a axis) round(n int) (ticks []float64) {
	n = max(n, 2)
	if decades := math.Log10(a.high) - math.Log10(a.low); a.log && decades > 0.9 {
		by := math.Ceil(decades / float64(2*n)) // decades from one tick to the next
		for e := math.Floor(math.Log10(a.low)/by) * by; e <= math.Log10(a.high); e += by {
			for _, m := range logSteps(decades, n) {
				if v := m * math.Pow(10, e); v >= a.low && v <= a.high {
					ticks = append(ticks, v)
				}
			}
		}
		if len(ticks) > 1 {
			return ticks
		}
	}
	step := roundStep((a.high - a.low) / float64(n))
	ticks = nil
	first := math.Ceil(a.low / step)
	for k := range 3 * n { // more than there are
		if v := (first + float64(k)) * step; v <= a.high+step*1e-9 {
			ticks = append(ticks, v)
		}
	}
	return ticks
}

// logSteps are the multiples of powers of ten that are named.
func logSteps(decades float64, n int) []float64 {
	if decades*3 <= float64(n)+2 {
		return []float64{1, 2, 5}
	}
	return []float64{1}
}

// roundStep is the next of 1, 2, 2.5, 5 times a power of ten.
func roundStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if m*power >= v*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// tickText names a value in up to so many figures: 1e+06 is 1M.
func tickText(v float64, figures int) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e9, "G"}, {1e6, "M"}, {1e4, "k"}} {
		if a := math.Abs(v); a >= u.size {
			if u.name == "k" {
				u.size = 1e3
			}
			return strconv.FormatFloat(v/u.size, 'g', figures, 64) + u.name
		}
	}
	if v == 0 {
		return "0"
	}
	return strconv.FormatFloat(v, 'g', figures, 64)
}
