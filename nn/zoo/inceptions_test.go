package zoo

import (
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// inceptionFacts are what testdata/reference/make_inceptions.py counts in the
// implementations, and by what it cuts down the networks that it runs.
type inceptionFacts struct {
	Parameters, Entries int
	Names               string // hash of all names, types and shapes
	MultiplyAdds        float64
	Width, Depth        float64
}

func readInceptionFacts(tb testing.TB) map[string]inceptionFacts {
	facts := map[string]inceptionFacts{}
	readReference(tb, "inceptions.json", &facts)
	return facts
}

// The weights of every network are named and shaped as its implementation's, and it multiplies as often.
func TestInceptionNames(t *testing.T) {
	for kind, want := range readInceptionFacts(t) {
		m, err := New(kind, mustLookup(t, kind).Config())
		if err != nil {
			t.Fatal(err)
		}
		ps := m.Params()
		var list []string
		for _, p := range ps.List {
			list = append(list, fmt.Sprintf("%s F32 %s\n", p.Name, strings.Trim(fmt.Sprint(p.Shape), "[]")))
		}
		for _, s := range ps.Statistics {
			list = append(list, fmt.Sprintf("%s F32 %d\n", s.Name, s.Size))
		}
		for _, c := range ps.Counters {
			list = append(list, c.Name+" I64 \n")
		}
		slices.Sort(list)
		if ps.Size() != want.Parameters || len(list) != want.Entries {
			t.Errorf("%s: %d parameters in %d entries, want %d in %d", kind, ps.Size(), len(list), want.Parameters, want.Entries)
		}
		if got := fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(list, "")))); got != want.Names {
			t.Errorf("%s: names and shapes are others than those of the implementation", kind)
		}
		got := multiplyAdds(m)
		if strings.HasPrefix(kind, "nasnet") { // the port pads even maps on both sides and cuts off
			if got > want.MultiplyAdds || got < 0.99*want.MultiplyAdds {
				t.Errorf("%s: %v multiply-adds, the port has %v", kind, got, want.MultiplyAdds)
			}
		} else if got != want.MultiplyAdds {
			t.Errorf("%s: %v multiply-adds, want %v", kind, got, want.MultiplyAdds)
		}
	}
}

// shrunk is a kind's own fields as the reference has cut it down, without dropout.
func shrunk(tb testing.TB, kind string, image int, facts inceptionFacts) any {
	config := smallImages(kind, image, 3)
	info, _ := Lookup(kind)
	*info.Field("width").At(config).(*float64) = facts.Width
	*info.Field("depth").At(config).(*float64) = facts.Depth
	for _, name := range []string{"dropout", "side_dropout"} {
		if f := info.Field(name); f != nil {
			*f.At(config).(*float64) = 0
		}
	}
	return config
}

// TestInceptionsAgainstPyTorch compares a step of each network, cut down, with its implementation: the logits of its own
// head and of those at its side, the loss of all, gradients, running statistics, and the inference before it.
func TestInceptionsAgainstPyTorch(t *testing.T) {
	facts := readInceptionFacts(t)
	for kind := range facts {
		t.Run(kind, func(t *testing.T) { inceptionStep(t, kind, kind, facts[kind]) })
	}
	t.Run("inceptionv3-trunk", func(t *testing.T) { inceptionStep(t, "inceptionv3", "inceptionv3-trunk", facts["inceptionv3"]) })
}

// inceptionStep compares a step of a kind with a reference, which may lack side heads.
func inceptionStep(t *testing.T, kind, file string, facts inceptionFacts) {
	ref := readImageReference(t, file)
	config := shrunk(t, kind, ref.Image, facts)
	if f := mustLookup(t, kind).Field("sides"); f != nil {
		*f.At(config).(*bool) = len(ref.Sides) > 0
	}
	m, tape, r := inceptionRun(t, kind, config, ref.site(), imageLanes, nn.Training)
	ps := m.Params()
	sameTensors(t, ps, ref)
	if t.Failed() {
		return
	}
	shiftBiases(t, ps, ref.Shifts)
	tape.Forward()
	closeTo(t, "logits", r.Out.Value().Data, ref.Logits, 1e-4)
	loss := 0.0
	for _, l := range r.Losses {
		loss += l.Weight * (l.LaneSum[0] + l.LaneSum[1]) / imageLanes / imageRows
	}
	if math.Abs(loss/ref.Loss-1) > 1e-5 {
		t.Errorf("loss %v, PyTorch has %v", loss, ref.Loss)
	}
	sides := r.Auxiliaries()
	if len(sides) != len(ref.Sides) {
		t.Fatalf("%d side heads, PyTorch has %d", len(sides), len(ref.Sides))
	}
	for i, s := range sides {
		closeTo(t, "logits of "+s.Name, s.Out.Value().Data, ref.Sides[i], 1e-4)
	}
	tape.Backward(nil)
	// Of a norm, relative to itself, and of an element, to the typical one. Where kinks move PyTorch's own float32 far,
	// less is allowed than a few times that.
	tolerance := wider(ref.Float32, 8)
	tolerance = [2]float64{min(tolerance[0], 1e-3), min(tolerance[1], 2e-3)}
	if file == "inceptionv3" { // the side head wants 299 pixels, and of so many maxima some change sides; inceptionv3-trunk has fewer
		tolerance = ref.Float32
	}
	for name, want := range ref.Grads {
		p := ps.Get(name)
		sum := make([]float32, p.Size())
		tensor.Add(sum, p.Grad(0).Data, p.Grad(1).Data)
		want.compare(t, "gradient of "+name, sum, tolerance)
	}
	sum := make([]float32, ps.StatisticsSize())
	if len(sum) > 0 {
		tensor.Add(sum, ps.LaneMeasured(0), ps.LaneMeasured(1))
	}
	ps.Track(sum, imageLanes)
	for _, s := range ps.Statistics {
		ref.Running[s.Name].compare(t, s.Name, s.Value(), [2]float64{1e-4, 1e-3})
	}
	m, tape, r = inceptionRun(t, kind, config, ref.site(), 1, nn.Inference)
	shiftBiases(t, m.Params(), ref.Shifts)
	tape.Forward()
	closeTo(t, "logits of inference", r.Out.Value().Data, ref.Inference, 1e-4)
}

// inceptionRun records a network with the weights of the reference and the formula's images of a site for so many lanes.
func inceptionRun(tb testing.TB, kind string, config any, site uint32, lanes int, mode nn.Mode) (Model, *nn.Tape, images) {
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
	r := imageRecording(m, tape)
	tape.Keep(r.Out)
	for _, s := range r.Auxiliaries() {
		tape.Keep(s.Out)
	}
	tape.Plan()
	for i := range r.Pixels {
		r.Pixels[i] = formulaValue(site, i)
	}
	for i := range r.Target {
		r.Target[i] = int32(i * 3 % imageClasses)
	}
	r.Count = imageLanes * imageRows
	return m, tape, r
}
