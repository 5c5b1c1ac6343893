package augment

import (
	"math"
	"testing"
)

// moments are the mean and the standard deviation of n draws.
func moments(n int, draw func(d *draws) float64) (mean, deviation float64) {
	sum, square := 0.0, 0.0
	for i := range n {
		d := Key{Seed: 5, Sample: i}.draws(0)
		v := draw(&d)
		sum += v
		square += v * v
	}
	mean = sum / float64(n)
	return mean, math.Sqrt(max(0, square/float64(n)-mean*mean))
}

func near(t *testing.T, name string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s is %v, want %v within %v", name, got, want, within)
	}
}

// Beta(a, a) has mean 1/2 and variance 1/(4(2a+1)).
func TestBeta(t *testing.T) {
	for _, a := range []float64{1e-3, 0.1, 0.2, 0.5, 1, 2, 10, 1000} {
		mean, deviation := moments(20000, func(d *draws) float64 {
			v := d.beta(a)
			if !(v >= 0 && v <= 1) {
				t.Fatalf("Beta(%v) gives %v", a, v)
			}
			return v
		})
		want := 1 / math.Sqrt(4*(2*a+1))
		near(t, "mean", mean, 0.5, 4*want/math.Sqrt(20000))
		near(t, "deviation", deviation, want, 0.02*want)
	}
}

// The gamma distribution of shape a has mean a and variance a.
func TestGamma(t *testing.T) {
	for _, a := range []float64{0.3, 1, 4.5} {
		mean, deviation := moments(20000, func(d *draws) float64 { return math.Exp(d.logGamma(a)) })
		near(t, "mean", mean, a, 4*math.Sqrt(a/20000))
		near(t, "deviation", deviation, math.Sqrt(a), 0.04*math.Sqrt(a))
	}
}

func TestDraws(t *testing.T) {
	mean, deviation := moments(20000, func(d *draws) float64 { return d.in(span{-1, 3}) })
	near(t, "mean", mean, 1, 0.03)
	near(t, "deviation", deviation, 4/math.Sqrt(12), 0.02)
	mean, _ = moments(20000, func(d *draws) float64 { return math.Log(d.logUniform(span{0.5, 2})) })
	near(t, "mean logarithm", mean, 0, 0.02)
	counts := [7]int{}
	moments(70000, func(d *draws) float64 { counts[d.below(7)]++; return 0 })
	for i, n := range counts {
		near(t, string(rune('0'+i)), float64(n), 10000, 400)
	}
	mean, _ = moments(20000, func(d *draws) float64 {
		if d.chance(0.3) {
			return 1
		}
		return 0
	})
	near(t, "chance", mean, 0.3, 0.015)
}

// A random resized crop of a square: areas are uniform, and logarithms of proportions, as long as the part fits.
func TestCropBox(t *testing.T) {
	o := cropResize{to: size{8, 8}, scale: span{0.1, 0.5}, ratio: span{0.75, 4.0 / 3}}
	mean, _ := moments(5000, func(d *draws) float64 {
		b := o.box(400, 400, d)
		if b.Top < 0 || b.Left < 0 || b.Top+b.Height > 400 || b.Left+b.Width > 400 {
			t.Fatal(b)
		}
		return float64(b.Height*b.Width) / 160000
	})
	near(t, "area", mean, 0.3, 0.01)
	mean, _ = moments(5000, func(d *draws) float64 {
		b := o.box(400, 400, d)
		return math.Log(float64(b.Width) / float64(b.Height))
	})
	near(t, "proportion", mean, 0, 0.02)
	mean, _ = moments(5000, func(d *draws) float64 {
		b := o.box(400, 400, d)
		return (float64(b.Top) + float64(b.Height)/2) / 400
	})
	near(t, "middle", mean, 0.5, 0.02)
	wide := o.box(10, 1000, &draws{}) // no part of the area fits
	if wide.Height != 10 || wide.Width != 13 || wide.Left != 493 {
		t.Errorf("part of a wide picture: %+v", wide)
	}
}

// How often flips flip, crops reach each corner, and every one of the fourteen operations comes.
func TestFrequencies(t *testing.T) {
	from := pattern(6, 8, 3)
	flips := 0
	p := mustParse(t, "flip 0.3")
	for i := range 4000 {
		q, _ := p.Picture(Key{Sample: i}, from)
		if q.Pixels[0] != from.Pixels[0] {
			flips++
		}
	}
	near(t, "flips", float64(flips)/4000, 0.3, 0.03)
	places := map[string]int{}
	p = mustParse(t, "crop 5x7 pad=1")
	for i := range 4000 {
		q, _ := p.Picture(Key{Sample: i}, from)
		places[string(q.Pixels)]++
	}
	if len(places) != 16 {
		t.Errorf("%d places of a crop, want 16", len(places))
	}
	for _, n := range places {
		near(t, "times of a place", float64(n), 250, 70)
	}
	results := map[string]int{}
	p = mustParse(t, "randaugment 1 15")
	for i := range 4000 {
		q, _ := p.Picture(Key{Sample: i}, from)
		results[string(q.Pixels)]++
	}
	if len(results) < 20 || len(results) > 23 { // nine have a sign; equalize leaves a picture this small as it is
		t.Errorf("%d results of one operation at one strength", len(results))
	}
}

// Lighting shifts a channel by the deviation that its components give.
func TestLightingShift(t *testing.T) {
	from := pattern(1, 1, 3)
	for i := range from.Pixels {
		from.Pixels[i] = 128
	}
	p := mustParse(t, "lighting 0.1")
	sum, square := 0.0, 0.0
	for i := range 4000 {
		q, _ := p.Picture(Key{Sample: i}, from)
		v := float64(q.Pixels[0]) - 128
		sum += v
		square += v * v
	}
	near(t, "mean of red", sum/4000, 0, 0.25)
	want := 25.5 * math.Sqrt(math.Pow(0.5675*0.2175, 2)+math.Pow(0.7192*0.0188, 2)+math.Pow(0.4009*0.0045, 2))
	near(t, "deviation of red", math.Sqrt(square/4000), want, 0.15)
}

// Whole steps give what toward gives, or say that they might not.
func TestSteps(t *testing.T) {
	r, misses := &runner{}, 0
	for i := range 60 {
		d := Key{Sample: i}.draws(0)
		factor := enhance(&d, []float64{0.4, 1, 10}[i%3])
		if i < 12 {
			factor = float32(i) / 3
		}
		steps, whole := r.stepsOf(factor)
		if !whole {
			misses++
			continue
		}
		for a := range 256 {
			for b := range 256 {
				if got, want := clipInt(int32(a)+int32(steps[255+b-a])), toward(a, b, factor); got != want {
					t.Fatalf("factor %v: from %d toward %d is %d, want %d", factor, a, b, got, want)
				}
			}
		}
	}
	if misses > 8 {
		t.Errorf("%d of 60 factors may not be taken in whole steps", misses)
	}
}
