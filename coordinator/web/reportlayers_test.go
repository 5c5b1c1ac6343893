package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// deep is a source with so many layers, each measured so often, with one spike in the second measured step.
type deep struct {
	fixed
	layers, measured int
}

func (d *deep) Network() (g api.NetworkGraph) {
	for i := range d.layers {
		g.Layers = append(g.Layers, api.GraphLayer{Name: fmt.Sprint("layer", i), Kind: "linear"})
	}
	return g
}

func (d *deep) LayerHistory(name string) (api.LayerHistory, bool) {
	h := api.LayerHistory{LayerSigns: api.LayerSigns{Name: name}}
	var c api.LayerColumn
	var spread []api.DistributionAt
	for s := range d.measured {
		last, most := api.Number(1.23456789), api.Number(1.23456789)
		if s == 1 {
			most = 99
		}
		h.Steps = append(h.Steps, uint64(s+1))
		c.Min, c.Max, c.Last = append(c.Min, last), append(c.Max, most), append(c.Last, last)
		spread = append(spread, api.DistributionAt{Quantiles: []api.Number{-1, 0, 1}, Positive: &api.Bins64{Counts: make([]int64, 40)}})
	}
	h.Columns, h.Output = map[string]api.LayerColumn{"gradient": c}, spread
	h.Parameters = map[string]api.ParameterPast{name + ".weight": {Weight: spread, Gradient: spread, Update: spread}}
	return h, true
}

// What a report has of layers fits its room. The newest measured step stays with its histograms, and a spike of those that go.
func TestKeepLayers(t *testing.T) {
	for _, c := range []struct{ layers, measured, room, least, most int }{{3, 100, 1 << 20, 100, 100}, {30, 260, 1 << 20, 60, 260}, {30, 260, 1 << 16, 0, 9}} {
		k := keepLayers(&deep{layers: c.layers, measured: c.measured}, c.room)
		text, err := json.Marshal(k.Past)
		if err != nil || len(text) > c.room || len(k.Network.Layers) != c.layers || k.Health.Step != 7 {
			t.Fatalf("%+v: %d bytes, %d layers, %v", c, len(text), len(k.Network.Layers), err)
		}
		h, there := k.Past["layer1"]
		if n := len(h.Steps); n < c.least || n > c.most {
			t.Errorf("%+v: %d steps are kept", c, n)
		}
		if !there {
			continue
		}
		n, col, last := len(h.Steps), h.Columns["gradient"], h.Output[len(h.Output)-1]
		if h.Steps[n-1] != uint64(c.measured) || !slices.Contains(col.Max, 99) || len(col.Max) != n || len(h.Output) != n || last.Positive == nil || n > 1 && h.Output[0].Positive != nil || col.Last[0] != 1.235 {
			t.Errorf("%+v: steps %v, at most %v, %+v", c, h.Steps, col.Max, last)
		}
	}
	if k := keepLayers(&deep{layers: 60, measured: 5}, 3000); k != nil {
		t.Errorf("a network of %d layers has room in 3000 bytes", len(k.Network.Layers))
	}
}

func TestRounded(t *testing.T) {
	got := rounded([]api.Number{0, -123456, 1.00049e-30, api.Number(math.Inf(1)), 5e-324})
	if !slices.Equal(got, []api.Number{0, -123500, 1e-30, api.Number(math.Inf(1)), 5e-324}) {
		t.Errorf("%v", got)
	}
}

// shown is a source whose evaluations show something.
type shown struct {
	fixed
	steps []uint64
	drawn []int
}

func (s *shown) Outcome(step uint64) ([]byte, []uint64) {
	return fmt.Appendf(nil, `{"step":%d,"classes":{"of":1,"list":[{"class":0}],"pairs":[{"samples":[4,5],"losses":[1,1]},{"samples":[7],"losses":[2]}]},"guesses":[{"sample":7}]}`, step), s.steps
}
func (s *shown) Draws() bool { return true }
func (s *shown) Pictures(samples []int) ([]byte, error) {
	s.drawn = append(s.drawn, samples...)
	return bytes.Repeat([]byte{1}, 100), nil
}

// Of many evaluations a report has some, the newest among them, with pictures of what it shows as far as there is room.
func TestKeepOutcomes(t *testing.T) {
	src := &shown{steps: []uint64{10, 20, 30, 40, 50}}
	if k := keepOutcomes(src, src.steps, 1<<20, 250); len(k.List) != 5 || len(k.Pictures) != 2 || !slices.Equal(src.drawn, []int{7, 4, 5}) {
		t.Errorf("%v, drawn %v", k.Steps, src.drawn)
	}
	if k := keepOutcomes(src, src.steps, 500, 1000); !slices.Equal(k.Steps, []uint64{10, 30, 50}) || len(k.Pictures) != 3 {
		t.Errorf("%v, %d pictures", k.Steps, len(k.Pictures))
	}
	if k := keepOutcomes(src, src.steps, 50, 1000); k != nil {
		t.Errorf("what does not fit: %v", k.Steps)
	}
	if k := keepOutcomes(&fixed{}, outcomeSteps(&fixed{}), 500, 0); k != nil {
		t.Error("of a source without any")
	}
}
