package zoo

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

// A step of testdata/reference/common.py.
const (
	imageLanes, imageRows, imageClasses = 2, 4, 10
	pixelSite                           = 4096
)

// stepReference is what common.py writes of a network: inference, and a step on two lanes, in PyTorch's float64.
type stepReference struct {
	Kind            string
	Image, Channels int
	Pixels          uint32            // the site of their formula
	Shifts          map[string]string // of biases in front of rectifiers, a letter for each
	Entries         int
	Listing         string
	Float32         struct { // how far PyTorch's own float32 is off
		Loss, Logits, Inference float64
		Sides                   []float64
	}
	Loss              float64
	Logits, Inference []float64
	Sides             [][]float64 // logits of side heads
	Held              []string    // how the names of gradients begin that are compared; none: all are
	Grads, Running    map[string]tensorReference
}

// tensorReference is a tensor's norm, a sum that all elements are in, and the norm of what PyTorch's float32 is off.
type tensorReference [3]float64

// allowed is how far float32 may be off where PyTorch's is off by so much.
func allowed(float32s float64) float64 { return 8*float32s + 1e-6 }

// compare takes the step here.
func (ref *stepReference) compare(t *testing.T, kind string, config any) {
	s := recordStep(t, kind, config, ref.Pixels, imageLanes, nn.Training)
	if n, sha := listing(s.ps); n != ref.Entries || sha != ref.Listing {
		t.Fatalf("%d tensors of SHA-256 %s, PyTorch has %d of %s", n, sha, ref.Entries, ref.Listing)
	}
	shiftBiases(t, s.ps, ref.Shifts)
	s.tape.Forward()
	closeTo(t, "logits", s.some(s.Out), ref.Logits, allowed(ref.Float32.Logits))
	if loss := s.loss(); !(math.Abs(loss/ref.Loss-1) <= allowed(ref.Float32.Loss)) {
		t.Errorf("loss %v, PyTorch has %v", loss, ref.Loss)
	}
	sides := s.Auxiliaries()
	if len(sides) != len(ref.Sides) {
		t.Fatalf("%d side heads, PyTorch has %d", len(sides), len(ref.Sides))
	}
	for i, side := range sides {
		closeTo(t, "logits of "+side.Name, s.some(side.Out), ref.Sides[i], allowed(ref.Float32.Sides[i]))
	}
	s.tape.Backward(nil)
	compareTensors(t, "gradient of ", gradients(s.ps, imageLanes), ref.Grads, ref.Held...)
	compareTensors(t, "", tracked(s.ps), ref.Running)

	s = recordStep(t, kind, config, ref.Pixels, 1, nn.Inference)
	shiftBiases(t, s.ps, ref.Shifts)
	s.tape.Forward()
	closeTo(t, "logits of inference", s.some(s.Out), ref.Inference, allowed(ref.Float32.Inference))
}

// recordedStep is a network of images or of pixels on a tape, with what it reads.
type recordedStep struct {
	*Recording
	ps      *nn.Params
	tape    *nn.Tape
	pixels  []float32
	targets *nn.Targets
}

// recordStep records a network for so many lanes, with common.py's weights and targets, and pixels of the formula's site.
func recordStep(tb testing.TB, kind string, config any, site uint32, lanes int, mode nn.Mode) recordedStep {
	tb.Helper()
	m, err := New(kind, config)
	if err != nil {
		tb.Fatal(err)
	}
	ps, pool := m.Params(), tensor.NewPool(2)
	tb.Cleanup(pool.Close)
	ps.Allocate()
	ps.AllocateGrads(lanes)
	formulaWeights(ps)
	tape := nn.NewTape(ps, pool, nn.Shape{Steps: 1, Lanes: lanes, Rows: imageRows * imageLanes / lanes}, mode, 1)
	info := mustLookup(tb, kind)
	s := recordedStep{Recording: Record(m, task.Default(info.Task), tape, nil), ps: ps, tape: tape}
	name := task.Class
	if info.Task == task.Pixels {
		name = "mask"
	}
	s.pixels, s.targets = s.Part("image").(*nn.Images).Pixels, s.Part(name).(*nn.Targets)
	tape.Keep(s.Out)
	for _, side := range s.Auxiliaries() {
		tape.Keep(side.Out)
	}
	tape.Plan()
	for i := range s.pixels {
		s.pixels[i] = formulaValue(site, i)
	}
	for i := range s.targets.Target {
		s.targets.Target[i] = int32(i * 3 % imageClasses)
	}
	s.targets.Count = len(s.targets.Target)
	return s
}

// loss is the mean over all targets, with those of side heads.
func (s recordedStep) loss() (sum float64) {
	for _, l := range s.Losses {
		for _, lane := range l.LaneSum {
			sum += l.Weight * lane / float64(s.targets.Count)
		}
	}
	return sum
}

// some are the logits that are written: all of an image's, or those of pixels of every eleventh line and every 13th column.
func (s recordedStep) some(out *nn.Node) (list []float32) {
	y, l := out.Value(), out.Layout
	for row := range y.Rows {
		if l.IsImage() && (row/l.Width%l.Height%11 != 0 || row%l.Width%13 != 0) {
			continue
		}
		list = append(list, y.Row(row)...)
	}
	return list
}

// gradients are those of all lanes.
func gradients(ps *nn.Params, lanes int) map[string][]float32 {
	grads := map[string][]float32{}
	for _, p := range ps.List {
		sum := make([]float32, p.Size())
		for lane := range lanes {
			tensor.Add(sum, sum, p.Grad(lane).Data)
		}
		grads[p.Name] = sum
	}
	return grads
}

// tracked are the running statistics after a step.
func tracked(ps *nn.Params) map[string][]float32 {
	if n := ps.StatisticsSize(); n > 0 {
		sum := make([]float32, n)
		tensor.Add(sum, ps.LaneMeasured(0), ps.LaneMeasured(1))
		ps.Track(sum, imageLanes)
	}
	running := map[string][]float32{}
	for _, s := range ps.Statistics {
		running[s.Name] = s.Value()
	}
	return running
}

// compareTensors compares norms, and sums in which every element has a weight of the formula, of tensors whose names begin
// as those that are held, or of all.
func compareTensors(t *testing.T, what string, got map[string][]float32, want map[string]tensorReference, held ...string) {
	t.Helper()
	most, where, compared := 0.0, "", 0
	for site, name := range sortedKeys(got) {
		if held != nil && !slices.ContainsFunc(held, func(start string) bool { return strings.HasPrefix(name, start) }) {
			continue
		}
		compared++
		w, ok := want[name]
		if !ok {
			t.Errorf("%s%s: PyTorch has none", what, name)
			continue
		}
		norm, sum := math.Sqrt(tensor.SumSquares(got[name])), 0.0
		for i, v := range got[name] {
			sum += float64(v) * float64(formulaValue(uint32(site), i))
		}
		off, tolerance := max(math.Abs(norm-w[0]), math.Abs(sum-w[1])), 8*w[2]+1e-6*w.size(name, want)
		if !(off <= tolerance) {
			t.Errorf("%s%s: norm %v and sum %v, PyTorch has %v and %v; off by %.2g, at most %.2g is allowed", what, name, norm, sum, w[0], w[1], off, tolerance)
		}
		if off > most*tolerance {
			most, where = off/tolerance, name
		}
	}
	if compared != len(want) {
		t.Errorf("%s%d tensors, PyTorch has %d", what, compared, len(want))
	}
	t.Logf("%s%s is off by %.2f of what is allowed", what, where, most)
}

// size is what rounding is relative to: the norm, or of a bias through which, before a norm, nothing but rounding
// comes, that of its weight.
func (w tensorReference) size(name string, all map[string]tensorReference) float64 {
	if layer, isBias := strings.CutSuffix(name, ".bias"); isBias && w[0] < 1e-9 {
		return all[layer+".weight"][0]
	}
	return w[0]
}

// closeTo fails when got is off by more than the tolerance of want's largest.
func closeTo(t *testing.T, what string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	worst, largest := 0.0, 0.0
	for i, w := range want {
		worst, largest = max(worst, math.Abs(float64(got[i])-w)), max(largest, math.Abs(w))
	}
	t.Logf("%s: off by %.1e of the largest, %.1e is allowed", what, worst/largest, tolerance)
	if !(worst <= tolerance*largest) {
		t.Errorf("%s: off by %v, the largest is %v", what, worst, largest)
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
