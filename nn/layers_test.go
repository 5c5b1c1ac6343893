package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// spy adds up the gradients of gates, and looks at outputs and gates.
type spy struct {
	*Tape
	outputs int
	sums    map[int][]float64
	gates   map[string][2]float32
}

func (s *spy) Forward(layer int) {
	for _, y := range s.OutputsOf(layer) {
		s.outputs += y.Value().Rows
	}
	for _, g := range s.Gates(layer) {
		low, high := float32(math.Inf(1)), float32(math.Inf(-1))
		for r := range g.Values.Rows {
			if g.Has(r) {
				low, high = min(low, slices.Min(g.Values.Row(r))), max(high, slices.Max(g.Values.Row(r)))
			}
		}
		s.gates[g.Name] = [2]float32{low, high}
	}
}

func (s *spy) Backward(layer int) {
	m, _ := s.GateGradients(layer)
	if m.Rows == 0 {
		return
	}
	s.sums[layer] = make([]float64, m.Cols)
	for r := range m.Rows {
		for c, v := range m.Row(r) {
			s.sums[layer][c] += float64(v)
		}
	}
}

// biasOf is the bias that enters the gates beside the input.
func biasOf(cell string) string {
	if cell == "gru-textbook" || cell == "mlstm" {
		return "rnn.bias_l0"
	}
	return "rnn.bias_ih_l0"
}

// What enters the gates has the gradient of a bias there, added up over rows and steps.
func TestGateGradients(t *testing.T) {
	for _, cell := range builtInCells() {
		shape := Shape{Steps: 5, Lanes: 2, Rows: 3}
		tape, ps := recordCell(t, cell, shape)
		s := &spy{Tape: tape, sums: map[int][]float64{}, gates: map[string][2]float32{}}
		tape.Inspect(s)
		tape.Forward()
		tape.Backward(nil)
		bias := ps.Get(biasOf(cell))
		found := false
		for i, l := range tape.Layers() {
			if !slices.Contains(l.Params, bias) {
				continue
			}
			found = true
			if m, rows := tape.GateGradients(i); rows != 6 || m.Rows != 30 {
				t.Errorf("%s: %d rows of %d a step", cell, m.Rows, rows)
			}
			for c, sum := range s.sums[i] {
				want := 0.0
				for lane := range shape.Lanes {
					want += float64(bias.Grad(lane).Data[c])
				}
				if math.Abs(sum-want) > 1e-5*(1+math.Abs(want)) {
					t.Errorf("%s: column %d of the gates' gradients adds up to %v, the bias has %v", cell, c, sum, want)
				}
			}
			if len(s.sums[i]) == 0 {
				t.Errorf("%s has no gradients of gates", cell)
			}
		}
		if !found {
			t.Errorf("%s: no layer uses %s", cell, bias.Name)
		}
	}
}

// Without weights a gate is the sigmoid of its bias.
func TestGateValues(t *testing.T) {
	names := map[string][]string{"lstm": {"input", "forget", "", "output"}, "lstm-peephole": {"input", "forget", "", "output"},
		"gru": {"reset", "update", ""}, "gru-textbook": {"reset", "update", ""}, "mlstm": {"input", "forget", "output", ""}}
	for _, cell := range builtInCells() {
		tape, ps := recordCell(t, cell, Shape{Steps: 2, Lanes: 1, Rows: 2})
		clear(ps.Values)
		bias := ps.Get(biasOf(cell)).Value().Data
		for i := range bias {
			bias[i] = float32(i / 4)
		}
		ps.Changed()
		s := &spy{Tape: tape, sums: map[int][]float64{}, gates: map[string][2]float32{}}
		tape.Inspect(s)
		tape.Forward()
		count := 0
		for i, name := range names[cell] {
			if name == "" {
				continue
			}
			count++
			want := 1 / (1 + math.Exp(-float64(i)))
			if g := s.gates[name]; math.Abs(float64(g[0])-want) > 1e-6 || math.Abs(float64(g[1])-want) > 1e-6 {
				t.Errorf("%s: the %s gate is %v, want %v", cell, name, g, want)
			}
		}
		if len(s.gates) != count {
			t.Errorf("%s: gates %v", cell, s.gates)
		}
	}
}

// recordCell records a recurrent layer of four units over values of three columns.
func recordCell(t *testing.T, cell string, shape Shape) (*Tape, *Params) {
	t.Helper()
	ps := NewParams()
	build := kind{cell: cell, layers: 1}.network(t, shape, 3, 4)(ps)
	ps.Allocate()
	ps.AllocateGrads(shape.Lanes)
	ps.Initialize(1)
	pool := tensor.NewPool(2)
	t.Cleanup(pool.Close)
	tape := NewTape(ps, pool, shape, Training, 1)
	targets := NewTargets(shape.Layout())
	for i := range targets.Target {
		targets.Target[i] = int32(i % 4)
	}
	targets.Count = len(targets.Target)
	tape.CrossEntropy("loss", build(tape, nil), targets)
	tape.Plan()
	tape.Begin(0, 0, 0)
	return tape, ps
}

// A tape that is inspected computes the same bits, also beside what fusion leaves out otherwise; and its layers are those
// that are computed.
func TestInspectionChangesNothing(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 4, Rows: 2}
	for _, f := range fusedNetworks() {
		if f.mode != Training {
			continue
		}
		r := newRig(nil, shape, f.on(shape))
		r.params.Initialize(1)
		r.params.Changed()
		tape := r.tape(shape.Lanes, 0, Training)
		run := func() (output, grads []float32) {
			tape.Forward()
			output = slices.Clone(r.output.Value().Data)
			tape.Backward(nil)
			return output, slices.Clone(r.params.Grads)
		}
		output, grads := run()
		s := &spy{Tape: tape, sums: map[int][]float64{}, gates: map[string][2]float32{}}
		tape.Inspect(s)
		output2, grads2 := run()
		tape.Inspect(nil)
		output3, grads3 := run()
		for _, same := range [][2][]float32{{output, output2}, {output, output3}, {grads, grads2}, {grads, grads3}} {
			if err := sameBits(same[0], same[1]); err != nil {
				t.Errorf("%s: %v", f.name, err)
			}
		}
		checkLayers(t, f.name, tape, s)
	}
}

func checkLayers(t *testing.T, name string, tape *Tape, s *spy) {
	t.Helper()
	params, rows := map[string]bool{}, 0
	for i, l := range tape.Layers() {
		if l.Name != tape.Names()[i] || l.Kind == "" || strings.Contains(l.Kind, "*") {
			t.Errorf("%s: layer %d is %+v, the operation %q", name, i, l, tape.Names()[i])
		}
		for _, in := range l.Inputs {
			if in < -1 || in >= i {
				t.Errorf("%s: layer %d reads %v", name, i, l.Inputs)
			}
		}
		for _, p := range l.Params {
			params[p.Name] = true
		}
		rows += l.Output.Total()
	}
	if s.outputs < rows || len(params) == 0 {
		t.Errorf("%s: the inspector has seen %d rows of at least %d; parameters %v", name, s.outputs, rows, params)
	}
}

// Behind a rectifier, merged or not, zeros are units that learn nothing.
func TestRectifiers(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 2}
	want := map[string]string{"norm and rectifier": "n", "norm and what needs its result": "", "the end of a block": "m"}
	for _, f := range fusedNetworks() {
		name, there := want[f.name]
		if !there {
			continue
		}
		var got []string
		for _, l := range newRig(nil, shape, f.on(shape)).tape(shape.Lanes, 0, Training).Layers() {
			if l.Rectifies {
				got = append(got, l.Name)
			}
		}
		if strings.Join(got, " ") != name {
			t.Errorf("%s: %q rectify, want %q", f.name, got, name)
		}
		delete(want, f.name)
	}
	if len(want) > 0 {
		t.Errorf("no network is called %v", want)
	}
}
