package nn

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// packedReference is a file of testdata/packed, computed by PyTorch in float64.
type packedReference struct {
	Cell          string
	In, Hidden    int
	Layers        int
	Bidirectional bool
	Steps, Rows   int
	Lengths       []int32
	Params        map[string]struct {
		Shape []int
		Value []float32
	}
	X        []float32
	YGrad    []float32            `json:"y_grad"`
	EndsGrad []float32            `json:"ends_grad"`
	Start    map[string][]float32 // h, c: [layers, rows, hidden]
	Values   map[string][]float32
	Errors   map[string]float64 // of PyTorch's float32 run
}

// Outputs, last states and gradients of packed sequences are PyTorch's.
func TestPackedAgainstPyTorch(t *testing.T) {
	paths, err := filepath.Glob("testdata/packed/*.json")
	if err != nil || len(paths) != 8 {
		t.Fatalf("%d reference files, want 8 (%v)", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
			var ref packedReference
			data, err := os.ReadFile(path)
			if err == nil {
				err = json.Unmarshal(data, &ref)
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, lanes := range []int{1, 2} {
				ref.compare(t, lanes)
			}
		})
	}
}

func (ref packedReference) compare(t *testing.T, lanes int) {
	pool := tensor.NewPool(2)
	defer pool.Close()
	shape := Shape{Steps: ref.Steps, Lanes: lanes, Rows: ref.Rows / lanes}
	ps := NewParams()
	x := newSource(ps, "x", shape, ref.In)
	k := kind{cell: ref.Cell, layers: ref.Layers, opt: StackOptions{Bidirectional: ref.Bidirectional}}
	s := k.build(t, ps, ref.In, ref.Hidden)
	ps.Allocate()
	ps.AllocateGrads(lanes)
	ref.fill(t, ps, x)

	tape, lengths := NewTape(ps, pool, shape, Training, 0), NewLengths(shape)
	copy(lengths.Of, ref.Lengths)
	states := NewStates(lanes, shape.Rows)
	if ref.Bidirectional {
		states = nil
	}
	y := s.ForwardPacked(tape, x.Forward(tape), lengths, states)
	tape.Keep(y)
	newSeed(tape, y, ref.YGrad)
	var ends *Node
	if ref.Bidirectional {
		ends = tape.Ends("ends", y, lengths)
		tape.Keep(ends)
		newSeed(tape, ends, ref.EndsGrad)
	}
	tape.Plan()
	ref.eachState(states, func(name string, at int, st *State) {
		copy(st.Current, ref.Start[name][at:])
	})
	tape.Begin(0, 0, 0)
	tape.Forward()
	tape.Backward(nil)

	ref.near(t, "y", y.Value().Data)
	if ref.Bidirectional {
		ref.near(t, "ends", ends.Value().Data)
	}
	ref.eachState(states, func(name string, at int, st *State) {
		got := slices.Clone(ref.Values[name])
		copy(got[at:], st.Next)
		ref.near(t, name, got)
	})
	ref.near(t, "x_grad", laneSum(ps, x.p))
	for name := range ref.Params {
		ref.near(t, "grad "+name, laneSum(ps, ps.Get("rnn."+name)))
	}
}

// fill sets the parameters and the input.
func (ref packedReference) fill(t *testing.T, ps *Params, x source) {
	if len(ps.List) != len(ref.Params)+1 {
		t.Fatalf("%d parameters, PyTorch has %d", len(ps.List)-1, len(ref.Params))
	}
	copy(x.p.Value().Data, ref.X)
	for name, p := range ref.Params {
		own := ps.Get("rnn." + name)
		if own == nil || !slices.Equal(own.Shape, p.Shape) {
			t.Fatalf("parameter %s %v is missing or of another shape", name, p.Shape)
		}
		copy(own.Value().Data, p.Value)
	}
	ps.Changed()
}

// eachState calls f for every part of the state with its place in the
// reference's h or c.
func (ref packedReference) eachState(states *States, f func(name string, at int, st *State)) {
	if states == nil {
		return
	}
	for name := range ref.Start {
		for layer := range ref.Layers {
			f(name, layer*ref.Rows*ref.Hidden, states.Add("rnn."+name+"_l"+string(rune('0'+layer)), ref.Hidden))
		}
	}
}

// near allows a small multiple of PyTorch's own float32 error.
func (ref packedReference) near(t *testing.T, name string, got []float32) {
	t.Helper()
	want, own := ref.Values[name], ref.Errors[name]
	if name == "ends" { // the last layer's h, [2, rows, hidden], side by side
		h, n := ref.Values["h"], ref.Rows*ref.Hidden
		ahead, back := h[len(h)-2*n:len(h)-n], h[len(h)-n:]
		own = ref.Errors["h"]
		for i := range ref.Rows {
			want = append(want, ahead[i*ref.Hidden:(i+1)*ref.Hidden]...)
			want = append(want, back[i*ref.Hidden:(i+1)*ref.Hidden]...)
		}
	}
	allowed := max(8*own, 1e-6)
	off, err := deviation(got, want)
	if err != nil || !(off <= allowed) {
		t.Errorf("%s is off by %.2g of the largest value, allowed are %.2g (%v)", name, off, allowed, err)
	}
	t.Logf("%s: %.1e, PyTorch's float32: %.1e", name, off, own)
}
