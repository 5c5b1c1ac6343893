package nn

import (
	"math"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// dropoutOperations are the networks of one dropout each.
func dropoutOperations(shape Shape) map[string]network {
	images := func(d *Dropout) network {
		return func(ps *Params) func(*Tape, *States) *Node {
			x := newImageSource(ps, "x", shape, 3, 2, 5)
			return func(t *Tape, _ *States) *Node { return d.Forward(t, x.Forward(t)) }
		}
	}
	rows := func(d *Dropout) network {
		return func(ps *Params) func(*Tape, *States) *Node {
			x := newSource(ps, "x", shape, 5)
			return func(t *Tape, _ *States) *Node { return d.Forward(t, x.Forward(t)) }
		}
	}
	classic := NewDropout("drop", 0.4, 3)
	classic.Classic = true
	residual := func(ps *Params) func(*Tape, *States) *Node {
		x, d := newImageSource(ps, "x", shape, 3, 2, 5), NewStochasticDepth("drop", 0.4, 3)
		return func(t *Tape, _ *States) *Node {
			x := x.Forward(t)
			return t.Add("add", d.Forward(t, t.Tanh("tanh", x)), d.Forward(t, x))
		}
	}
	return map[string]network{
		"elements":                rows(NewDropout("drop", 0.4, 3)),
		"classic":                 rows(classic),
		"alpha":                   rows(NewAlphaDropout("drop", 0.4, 3)),
		"channels":                images(NewDropout2d("drop", 0.4, 3)),
		"stochastic depth":        images(NewStochasticDepth("drop", 0.4, 3)),
		"stochastic depth, rows":  rows(NewStochasticDepth("drop", 0.4, 3)),
		"stochastic depth, twice": residual,
	}
}

func TestDropoutGradients(t *testing.T) {
	shape := Shape{Steps: 3, Lanes: 2, Rows: 2}
	for name, build := range dropoutOperations(shape) {
		t.Run(name, func(t *testing.T) { gradcheck(t, shape, build) })
	}
}

func TestDropoutLanes(t *testing.T) {
	for _, shape := range []Shape{{Steps: 3, Lanes: 4, Rows: 2}, {Steps: 1, Lanes: 4, Rows: 150}} {
		for name, build := range dropoutOperations(shape) {
			t.Run(name, func(t *testing.T) { lanecheck(t, shape, build) })
		}
	}
}

func TestDropoutStepAllocatesNothing(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 50}
	for name, build := range dropoutOperations(shape) {
		requireNoAllocations(t, name, shape, build)
	}
}

// dropImages is what a dropout makes of images of ones, [T*L*R, 3, 4, 64].
func dropImages(d *Dropout, shape Shape, mode Mode, step uint64) []float32 {
	ps := NewParams()
	x := newImageSource(ps, "x", shape, 3, 4, 64)
	ps.Allocate()
	tensor.Fill(ps.Values, 1)
	tape := NewTape(ps, nil, shape, mode, 1)
	y := d.Forward(tape, x.Forward(tape))
	tape.Keep(y)
	tape.Plan()
	tape.Begin(step, 0, 0)
	tape.Forward()
	return y.Value().Data
}

// A unit is dropped as a whole, at the rate, and kept units are scaled.
func TestDropoutUnits(t *testing.T) {
	const pixels, channels = 12, 64
	shape := Shape{Steps: 4, Lanes: 2, Rows: 64}
	for _, classic := range []bool{false, true} {
		for _, d := range []*Dropout{NewDropout2d("drop", 0.25, 1), NewStochasticDepth("drop", 0.25, 1)} {
			d.Classic = classic
			y := dropImages(d, shape, Training, 0)
			units, kept := 0.0, 0.0
			for i := range shape.Total() {
				image := y[i*pixels*channels : (i+1)*pixels*channels]
				for j, v := range image {
					first := image[j%channels]
					if d.Of == Rows {
						first = image[0]
					}
					if v != first || v != 0 && v != d.scale() {
						t.Fatalf("%v: value %d of image %d is %v, its unit's first %v", d.Of, j, i, v, first)
					}
				}
				each := 1
				if d.Of == Channels {
					each = channels
				}
				for _, v := range image[:each] {
					units++
					if v != 0 {
						kept++
					}
				}
			}
			if off := math.Abs(kept-0.75*units) / math.Sqrt(units*3/16); off > 4 {
				t.Errorf("%v: %v of %v kept, %v deviations off", d.Of, kept, units, off)
			}
		}
	}
}

// What inference does: nothing, the classic scale, or a mask for every step.
func TestDropoutInference(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 4}
	for _, of := range []DropoutUnit{Elements, Channels, Rows} {
		d := NewDropout("drop", 0.25, 1)
		d.Of = of
		all := func(y []float32, want float32) {
			t.Helper()
			for _, v := range y {
				if v != want {
					t.Fatalf("%v: a value is %v, want %v", of, v, want)
				}
			}
		}
		all(dropImages(d, shape, Inference, 0), 1)
		d.Classic = true
		all(dropImages(d, shape, Inference, 0), 0.75)
		d.Classic, d.Always = false, true
		want := dropImages(d, shape, Training, 7)
		if err := sameBits(dropImages(d, shape, Inference, 7), want); err != nil {
			t.Errorf("%v: %v", of, err)
		}
		other := 0
		for step := range uint64(5) {
			if sameBits(dropImages(d, shape, Inference, step), want) != nil {
				other++
			}
		}
		if other == 0 {
			t.Errorf("%v: every step has the same mask", of)
		}
	}
}

// The mean of a linear layer over many masks is the layer of what is scaled at test
// time, for both conventions.
func TestDropoutIsAMeanOfNetworks(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 4}
	for _, classic := range []bool{false, true} {
		d := NewDropout("drop", 0.5, 1)
		d.Classic = classic
		var values []float32 // x [4, 30] and the weights [3, 30]
		run := func(always bool, steps int) []float64 {
			d.Always = always
			r := newRig(nil, shape, func(ps *Params) func(*Tape, *States) *Node {
				x, fc := newSource(ps, "x", shape, 30), NewLinear(ps, "fc", 30, 3, false)
				return func(t *Tape, _ *States) *Node { return fc.Forward(t, d.Forward(t, x.Forward(t))) }
			})
			values = r.params.Values
			tape := r.tape(1, 0, Inference)
			mean := make([]float64, 12)
			for step := range steps {
				tape.Begin(uint64(step), 0, 0)
				tape.Forward()
				for i, v := range r.output.Value().Data {
					mean[i] += float64(v) / float64(steps)
				}
			}
			return mean
		}
		const steps = 4000
		want := run(false, 1)
		mask := 1.0 // the variance of 0 or 2
		if classic {
			mask = 0.25 // of 0 or 1
		}
		for i, v := range run(true, steps) {
			variance := 0.0
			for j, w := range values[120+i%3*30:][:30] {
				variance += math.Pow(float64(w)*float64(values[i/3*30+j]), 2) * mask / steps
			}
			if math.Abs(v-want[i]) > 4*math.Sqrt(variance) {
				t.Errorf("classic %v: the mean of output %d is %v, want %v", classic, i, v, want[i])
			}
		}
	}
}

func TestDropoutRefuses(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
	for want, f := range map[string]func(t *Tape, x *Node){
		"drop drops channels of images, got 3 columns": func(t *Tape, x *Node) { NewDropout2d("drop", 0.5, 1).Forward(t, x) },
		"drop has rate 1":  func(*Tape, *Node) { NewStochasticDepth("drop", 1, 1) },
		"drop has rate -1": func(*Tape, *Node) { NewDropout2d("drop", -1, 1) },
	} {
		ps := NewParams()
		tape := NewTape(ps, nil, shape, Training, 0)
		x := newSource(ps, "x", shape, 3).Forward(tape)
		if got := panicOf(func() { f(tape, x) }); !strings.Contains(got, want) {
			t.Errorf("panic %q, want one with %q", got, want)
		}
	}
}
