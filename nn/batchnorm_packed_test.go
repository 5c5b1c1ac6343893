package nn

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// packedNormReference is testdata/packednorm, computed by PyTorch in float64.
type packedNormReference struct {
	Lengths [][]int32
	X0, X1  []float32
	YGrad   []float32 `json:"y_grad"`

	Weight, Bias []float32
	RunningMean  []float32 `json:"running_mean"`
	RunningVar   []float32 `json:"running_var"`

	Cases []struct {
		Name    string
		Lanes   int
		Options struct {
			Eps, Momentum float32
			Affine        *bool
			Track         *bool `json:"track_running_stats"`
		}
		Values map[string][]float32
		Errors map[string]float64
	}
}

func readPackedNorm(t *testing.T) (ref packedNormReference) {
	t.Helper()
	text, err := os.ReadFile("testdata/packednorm/packednorm.json")
	if err == nil {
		err = json.Unmarshal(text, &ref)
	}
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// packedNormRun is how the reference is computed.
type packedNormRun struct {
	options BatchNormOptions
	lanes   int
	parts   []int // with sync: lanes on a tape; nil: each lane has moments of its own
	threads int
	beyond  float32 // what lies beyond the lengths
}

const packedSteps, packedRows, packedChannels = 5, 4, 3

// compute takes two steps, and then infers where there are running statistics.
func (run packedNormRun) compute(t *testing.T, ref packedNormReference) map[string][]float32 {
	t.Helper()
	pool := tensor.NewPool(run.threads)
	defer pool.Close()
	shape := Shape{Steps: packedSteps, Lanes: run.lanes, Rows: packedRows / run.lanes}
	ps := NewParams()
	x, norm := newSource(ps, "x", shape, packedChannels), NewBatchNorm(ps, "n", packedChannels, run.options)
	ps.Allocate()
	ps.AllocateGrads(run.lanes)
	ps.Initialize(1)
	if !run.options.NoAffine {
		copy(norm.Weight.Value().Data, ref.Weight)
		copy(norm.Bias.Value().Data, ref.Bias)
	}
	if !run.options.NoRunning {
		copy(norm.Mean.Value(), ref.RunningMean)
		copy(norm.Variance.Value(), ref.RunningVar)
	}
	type recorded struct {
		tape    *Tape
		y       *Node
		lengths *Lengths
		lane    int
	}
	record := func(mode Mode, lanes, lane int, sync Gatherer) recorded {
		own := shape
		own.Lanes = lanes
		tape := NewTape(ps, pool, own, mode, 0)
		if run.parts != nil && mode == Training {
			tape.SyncBatchNorm(run.lanes, sync)
		}
		lengths := NewLengths(own)
		y := norm.ForwardPacked(tape, x.Forward(tape), lengths)
		if mode == Training {
			grad := make([]float32, y.Rows*y.Cols)
			for row := range y.Rows {
				copy(grad[row*y.Cols:][:y.Cols], ref.YGrad[globalRowOf(shape, own, lane, row)*y.Cols:])
			}
			newSeed(tape, y, grad)
		}
		tape.Keep(y)
		tape.Poison()
		tape.Plan()
		tape.Begin(0, lane, lane)
		return recorded{tape, y, lengths, lane}
	}
	meet := NewLockstep(run.lanes)
	var tapes []recorded
	for lane, i := 0, 0; lane < run.lanes; i++ {
		lanes := run.lanes
		if run.parts != nil {
			lanes = run.parts[i]
		}
		tapes = append(tapes, record(Training, lanes, lane, meet.Gatherer(lane)))
		lane += lanes
	}
	give := func(step int, values []float32) {
		copy(x.p.Value().Data, values)
		for row := range packedSteps * packedRows {
			if row/packedRows >= int(ref.Lengths[step][row%packedRows]) {
				tensor.Fill(x.p.Value().Data[row*packedChannels:][:packedChannels], run.beyond)
			}
		}
		ps.Changed()
		for _, r := range tapes {
			copy(r.lengths.Of, ref.Lengths[step][r.lane*shape.Rows:])
		}
	}
	for step, values := range [][]float32{ref.X0, ref.X1} {
		give(step, values)
		err := meet.Run(len(tapes), func(i int) error {
			tapes[i].tape.Forward()
			tapes[i].tape.Backward(nil)
			return tapes[i].tape.Failed()
		})
		if err != nil {
			t.Fatal(err)
		}
		sum := make([]float32, ps.StatisticsSize())
		for l := range run.lanes {
			tensor.Add(sum, sum, ps.LaneMeasured(l))
		}
		ps.Track(sum, run.lanes)
	}
	got := map[string][]float32{"x_grad": laneSum(ps, x.p), "y": make([]float32, len(ref.X0))}
	for _, r := range tapes {
		for row := range r.y.Rows {
			copy(got["y"][globalRowOf(shape, r.tape.Shape, r.lane, row)*packedChannels:], r.y.Value().Row(row))
		}
	}
	if !run.options.NoAffine {
		got["weight"], got["bias"] = laneSum(ps, norm.Weight), laneSum(ps, norm.Bias)
	}
	if !run.options.NoRunning {
		got["running_mean"], got["running_var"] = slices.Clone(norm.Mean.Value()), slices.Clone(norm.Variance.Value())
		r := record(Inference, run.lanes, 0, nil)
		copy(r.lengths.Of, ref.Lengths[1])
		r.tape.Forward()
		got["inference"] = slices.Clone(r.y.Value().Data)
	}
	return got
}

// globalRowOf is the row of the whole batch of a row of a tape that has some of its lanes.
func globalRowOf(all, own Shape, lane, row int) int {
	n := own.Lanes * own.Rows
	return row/n*all.Lanes*all.Rows + lane*all.Rows + row%n
}

// A batch norm over packed sequences is PyTorch's over their data: lane by lane, and synchronized over lanes that have other
// numbers of steps, one of them none, whatever the tapes have and the steps beyond the lengths hold.
func TestPackedNormAgainstPyTorch(t *testing.T) {
	ref := readPackedNorm(t)
	for _, c := range ref.Cases {
		no := func(b *bool) bool { return b != nil && !*b }
		o := BatchNormOptions{Eps: c.Options.Eps, Momentum: c.Options.Momentum, NoAffine: no(c.Options.Affine), NoRunning: no(c.Options.Track), Frozen: c.Name == "frozen"}
		runs := []packedNormRun{{o, c.Lanes, nil, 1, 0}, {o, c.Lanes, nil, 3, -1e30}}
		if c.Lanes == 1 { // of the whole batch
			runs = append(runs, packedNormRun{o, 2, []int{1, 1}, 1, 0}, packedNormRun{o, 4, []int{4}, 2, 0}, packedNormRun{o, 4, []int{1, 2, 1}, 1, 1e30})
		}
		for _, run := range runs {
			got := run.compute(t, ref)
			if len(got) != len(c.Values) {
				t.Errorf("%s: %d results, PyTorch has %d", c.Name, len(got), len(c.Values))
			}
			for name, values := range got {
				off, err := deviation(values, c.Values[name])
				if limit := 4*c.Errors[name] + 2e-7; err != nil || !(off <= limit) {
					t.Errorf("%s, %d lanes, on tapes of %v: %s is off by %.2g of the largest value, at most %.2g is allowed (%v)", c.Name, run.lanes, run.parts, name, off, limit, err)
				}
			}
		}
	}
}

// No bit depends on which tapes have which lanes, on threads, or on what lies beyond the lengths.
func TestPackedNormBits(t *testing.T) {
	ref := readPackedNorm(t)
	want := packedNormRun{BatchNormOptions{}, 4, []int{4}, 1, 0}.compute(t, ref)
	for _, run := range []packedNormRun{
		{BatchNormOptions{}, 4, []int{1, 3}, 1, 7}, {BatchNormOptions{}, 4, []int{2, 2}, 3, -1}, {BatchNormOptions{}, 4, []int{1, 1, 1, 1}, 2, 1e30},
	} {
		for name, values := range run.compute(t, ref) {
			if !slices.Equal(values, want[name]) {
				t.Errorf("tapes of %v: %s has other bits", run.parts, name)
			}
		}
	}
}

// A lane whose rows have less than two steps leaves the running statistics as they are, and rows of all steps have the values of the
// norm that knows no lengths.
func TestPackedNormEdges(t *testing.T) {
	ref := readPackedNorm(t)
	ref.Lengths = [][]int32{{1, 0, 0, 0}, {0, 0, 0, 0}}
	got := packedNormRun{BatchNormOptions{}, 2, nil, 1, 0}.compute(t, ref)
	if near := func(a, b []float32) bool { off, err := deviation(a, b); return err == nil && off < 1e-6 }; !near(got["running_mean"], ref.RunningMean) || !near(got["running_var"], ref.RunningVar) {
		t.Errorf("running statistics %v and %v, and they were %v and %v", got["running_mean"], got["running_var"], ref.RunningMean, ref.RunningVar)
	}
	for name := range map[string]bool{"y": true, "x_grad": true, "weight": true, "bias": true} {
		if slices.ContainsFunc(got[name], func(v float32) bool { return v != 0 }) {
			t.Errorf("%s of a batch without a step: %v", name, got[name])
		}
	}
	ref.Lengths = [][]int32{{5, 5, 5, 5}, {5, 5, 5, 5}}
	got = packedNormRun{BatchNormOptions{}, 2, nil, 1, 0}.compute(t, ref)
	want := wholeNorm(ref)
	for name, values := range want {
		if off, err := deviation(got[name], values); err != nil || off > 1e-6 {
			t.Errorf("rows of all steps: %s is off by %.2g (%v)", name, off, err)
		}
	}
}

// wholeNorm is the second step of the reference in two lanes by the norm that knows no lengths.
func wholeNorm(ref packedNormReference) map[string][]float32 {
	shape := Shape{Steps: packedSteps, Lanes: 2, Rows: packedRows / 2}
	ps := NewParams()
	x, norm := newSource(ps, "x", shape, packedChannels), NewBatchNorm(ps, "n", packedChannels, BatchNormOptions{})
	ps.Allocate()
	ps.AllocateGrads(2)
	copy(norm.Weight.Value().Data, ref.Weight)
	copy(norm.Bias.Value().Data, ref.Bias)
	copy(x.p.Value().Data, ref.X1)
	tape := NewTape(ps, nil, shape, Training, 0)
	y := norm.Forward(tape, x.Forward(tape))
	newSeed(tape, y, ref.YGrad)
	tape.Keep(y)
	tape.Plan()
	tape.Begin(0, 0, 0)
	tape.Forward()
	tape.Backward(nil)
	return map[string][]float32{"y": y.Value().Data, "x_grad": laneSum(ps, x.p), "weight": laneSum(ps, norm.Weight), "bias": laneSum(ps, norm.Bias)}
}
