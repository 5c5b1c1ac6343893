package nn

import (
	"math"
	"strings"
	"testing"
)

func newTestResponse(o options) *LocalResponseNorm {
	l := NewLocalResponseNorm("op", o.int("size"))
	l.Alpha, l.Beta, l.K = o.float32("alpha"), o.float32("beta"), o.float32("k")
	return l
}

// Local response norm has PyTorch's values and gradients.
func TestLocalResponseAgainstPyTorch(t *testing.T) {
	compareReferences(t, "response", map[string]referenceLayer{
		"local": one(func(_ *Params, ref *torchLayer) func(*Tape, *Node) *Node { return newTestResponse(ref.Options).Forward }),
	})
}

// It is also Caffe's across channels, by its documentation: each value divided by
// (1 + α/n·Σ x²)^β over the n channels centred at its own.
func TestLocalResponseAgainstCaffe(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
	l := NewLocalResponseNorm("op", 5)
	l.Alpha = 0.5
	r := newRig(nil, shape, func(ps *Params) func(*Tape, *States) *Node {
		x := newImageSource(ps, "x", shape, 2, 3, 7)
		return func(t *Tape, _ *States) *Node { return l.Forward(t, x.Forward(t)) }
	})
	r.tape(1, 0, Inference).Forward()
	x := r.params.Values
	for i, got := range r.output.Value().Data {
		c, sum := i%7, 0.0
		for j := max(0, c-2); j <= min(6, c+2); j++ {
			sum += math.Pow(float64(x[i-c+j]), 2)
		}
		want := float64(x[i]) / math.Pow(1+0.5/5*sum, 0.75)
		if math.Abs(float64(got)-want) > 1e-6*math.Abs(want) {
			t.Fatalf("value %d is %v, want %v", i, got, want)
		}
	}
}

func responseOperations(shape Shape) map[string]network {
	of := func(size int, alpha, beta float32, twice bool) network {
		return func(ps *Params) func(*Tape, *States) *Node {
			l := &LocalResponseNorm{Name: "op", Size: size, Alpha: alpha, Beta: beta, K: 1}
			x := newImageSource(ps, "x", shape, 3, 2, 9)
			return func(t *Tape, _ *States) *Node {
				x := x.Forward(t)
				y := l.Forward(t, x)
				if twice {
					y = t.Add("add", y, x)
				}
				return y
			}
		}
	}
	return map[string]network{
		"size 5": of(5, 2, 0.75, false), "size 4": of(4, 1, 0.75, false), "size 1": of(1, 1, 0.75, false),
		"size 3, another power": of(3, 1, 0.5, false), "more than there are": of(25, 1, 0.75, false), "added to": of(5, 2, 0.75, true),
	}
}

func TestLocalResponseGradients(t *testing.T) {
	shape := Shape{Steps: 2, Lanes: 2, Rows: 1}
	for name, build := range responseOperations(shape) {
		t.Run(name, func(t *testing.T) { gradcheck(t, shape, build) })
	}
}

func TestLocalResponseLanes(t *testing.T) {
	shape := Shape{Steps: 2, Lanes: 4, Rows: 30}
	for name, build := range responseOperations(shape) {
		t.Run(name, func(t *testing.T) { lanecheck(t, shape, build) })
	}
}

func TestLocalResponseRefuses(t *testing.T) {
	if got := panicOf(func() { NewLocalResponseNorm("op", 0) }); !strings.Contains(got, "op has windows of 0 channels") {
		t.Errorf("panic %q", got)
	}
}
