package nn

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// normReference is testdata/batchnorm/batchnorm.json: 3 images of 3x2 pixels and 4
// channels.
type normReference struct {
	Given map[string][]float32
	Cases []struct {
		Name    string
		Options struct {
			Eps, Momentum float32
			Affine        *bool
			Track         *bool `json:"track_running_stats"`
		}
		Values map[string][]float32
		Errors map[string]float64
	}
}

// Every option is PyTorch's, in values, gradients, running statistics (of the
// variance divided by the rows less one, while the batch's is divided by them) and
// at inference.
func TestBatchNormOptionsAgainstPyTorch(t *testing.T) {
	text, err := os.ReadFile("testdata/batchnorm/batchnorm.json")
	if err != nil {
		t.Fatal(err)
	}
	var ref normReference
	if err := json.Unmarshal(text, &ref); err != nil {
		t.Fatal(err)
	}
	if len(ref.Cases) != 6 {
		t.Fatalf("%d cases, want 6", len(ref.Cases))
	}
	for _, c := range ref.Cases {
		no := func(b *bool) bool { return b != nil && !*b }
		o := BatchNormOptions{Eps: c.Options.Eps, Momentum: c.Options.Momentum, NoAffine: no(c.Options.Affine),
			NoRunning: no(c.Options.Track), Frozen: c.Name == "frozen"}
		t.Run(c.Name, func(t *testing.T) {
			got := runNorm(o, ref.Given)
			for name, want := range c.Values {
				if name == "batches" {
					if !slices.Equal(got[name], want) {
						t.Errorf("%v batches counted, want %v", got[name], want)
					}
					continue
				}
				off, err := deviation(got[name], want)
				if limit := 4*c.Errors[name] + 2e-7; err != nil || !(off <= limit) {
					t.Errorf("%s is off by %.2g of the largest value, at most %.2g is allowed (%v)", name, off, limit, err)
				}
			}
			if len(got) != len(c.Values) {
				t.Errorf("%d results, want %d", len(got), len(c.Values))
			}
		})
	}
}

// runNorm computes two steps of one lane and an inference.
func runNorm(o BatchNormOptions, given map[string][]float32) map[string][]float32 {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 3}
	ps := NewParams()
	x, norm := newImageSource(ps, "x", shape, 3, 2, 4), NewBatchNorm(ps, "n", 4, o)
	ps.Allocate()
	ps.AllocateGrads(1)
	ps.Initialize(1)
	if !o.NoAffine {
		copy(norm.Weight.Value().Data, given["weight"])
		copy(norm.Bias.Value().Data, given["bias"])
	}
	if !o.NoRunning {
		copy(norm.Mean.Value(), given["running_mean"])
		copy(norm.Variance.Value(), given["running_var"])
	}
	record := func(mode Mode) (*Tape, *Node) {
		tape := NewTape(ps, nil, shape, mode, 0)
		y := norm.Forward(tape, x.Forward(tape))
		if mode == Training {
			newSeed(tape, y, given["y_grad"])
		}
		tape.Keep(y)
		tape.Plan()
		return tape, y
	}
	tape, y := record(Training)
	for _, step := range []string{"x0", "x1"} {
		copy(x.p.Value().Data, given[step])
		ps.Changed()
		tape.Forward()
		tape.Backward(nil)
		ps.Track(ps.LaneMeasured(0), 1)
	}
	got := map[string][]float32{"y": slices.Clone(y.Value().Data), "x_grad": slices.Clone(laneSum(ps, x.p))}
	if !o.NoAffine {
		got["weight"], got["bias"] = laneSum(ps, norm.Weight), laneSum(ps, norm.Bias)
	}
	if !o.NoRunning {
		got["running_mean"], got["running_var"] = norm.Mean.Value(), norm.Variance.Value()
		got["batches"] = []float32{float32(ps.Counters[0].Value[0])}
	}
	tape, y = record(Inference)
	tape.Forward()
	got["inference"] = y.Value().Data
	return got
}

// normOptions are those that change how a norm is computed.
var normOptions = map[string]BatchNormOptions{
	"no affine":           {NoAffine: true},
	"no running":          {NoRunning: true},
	"neither":             {NoAffine: true, NoRunning: true},
	"frozen":              {Frozen: true},
	"frozen, without any": {Frozen: true, NoAffine: true},
	"large eps":           {Eps: 0.3, Momentum: 1},
}

// Gradients are right, also where an addition and an activation are merged, and
// behind and before convolutions; bits do not depend on where lanes are computed.
func TestBatchNormOptions(t *testing.T) {
	for name, o := range normOptions {
		t.Run(name, func(t *testing.T) {
			build := func(shape Shape) network {
				return func(ps *Params) func(*Tape, *States) *Node {
					x, c, d := newImageSource(ps, "x", shape, 4, 3, 3), same3x3(ps, "c", 3, 3, false), same3x3(ps, "d", 3, 2, false)
					n, m := NewBatchNorm(ps, "n", 3, o), NewBatchNorm(ps, "m", 3, o)
					return func(t *Tape, _ *States) *Node {
						y := t.Tanh("tanh", n.Forward(t, t.Tanh("first", x.Forward(t))))
						return d.Forward(t, t.Add("add", m.Forward(t, c.Forward(t, y)), y))
					}
				}
			}
			two, four := Shape{Steps: 1, Lanes: 2, Rows: 1}, Shape{Steps: 3, Lanes: 4, Rows: 2}
			r := newRig(nil, two, build(two))
			for _, s := range r.params.Statistics {
				for i := range s.Value() {
					s.Value()[i] = s.initial + 0.25
				}
			}
			r.check(t)
			lanecheck(t, four, build(four))
		})
	}
}

// A frozen norm leaves its statistics as they are, and takes the batch's for
// nothing: an output row depends on its own input row alone.
func TestFrozenBatchNorm(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 1} // too few rows to take a variance of
	ps := NewParams()
	x, norm := newImageSource(ps, "x", shape, 1, 1, 3), NewBatchNorm(ps, "n", 3, BatchNormOptions{Frozen: true})
	ps.Allocate()
	ps.AllocateGrads(2)
	ps.Initialize(1)
	copy(norm.Mean.Value(), []float32{0.1, -0.3, 7})
	before := slices.Clone(ps.Running)
	tape := NewTape(ps, nil, shape, Training, 0)
	y := norm.Forward(tape, x.Forward(tape))
	tape.Keep(y)
	tape.Plan()
	if err := tape.Err(); err != nil {
		t.Fatal(err)
	}
	first := func() []float32 {
		tape.Forward()
		sum := make([]float32, ps.StatisticsSize())
		for l := range 2 {
			for i, v := range ps.LaneMeasured(l) {
				sum[i] += v
			}
		}
		ps.Track(sum, 2)
		return slices.Clone(y.Value().Row(0))
	}
	want := first()
	x.p.Value().Row(1)[0] += 5
	for range 100 {
		if got := first(); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	}
	if !slices.Equal(ps.Running, before) || ps.Counters[0].Value[0] != 0 {
		t.Errorf("statistics %v after %d batches, want %v after none", ps.Running, ps.Counters[0].Value[0], before)
	}
}

// Without running statistics, an inference normalizes by its own rows, and so has
// to have several.
func TestBatchNormWithoutRunning(t *testing.T) {
	ps := NewParams()
	norm := NewBatchNorm(ps, "n", 3, BatchNormOptions{NoRunning: true, NoAffine: true})
	if len(ps.List)+len(ps.Statistics)+len(ps.Counters) != 0 || norm.Weight != nil || norm.Mean != nil {
		t.Error("it registers what it has not")
	}
	for rows, want := range map[int]string{1: "n has one value", 2: ""} {
		shape := Shape{Steps: 1, Lanes: 1, Rows: rows}
		tape := NewTape(ps, nil, shape, Inference, 0)
		norm.Forward(tape, tape.Images(somePixels(tape, 1, 1, 3, 0)))
		err := tape.Err()
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%d rows: error %v, want %q", rows, err, want)
		}
	}
}

func TestBatchNormOptionsThatContradict(t *testing.T) {
	for want, o := range map[string]BatchNormOptions{
		"nn: n has no running statistics (NoRunning) to use as they are (Frozen)":            {NoRunning: true, Frozen: true},
		"nn: n takes an eps above 0 and a momentum above 0 and at most 1, got -1 and 0.1":    {Eps: -1},
		"nn: n takes an eps above 0 and a momentum above 0 and at most 1, got 1e-05 and 1.5": {Momentum: 1.5},
	} {
		if got := panicOf(func() { NewBatchNorm(NewParams(), "n", 3, o) }); got != want {
			t.Errorf("panic %q, want %q", got, want)
		}
	}
}
