package history

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// network has so many layers with a weight each, and how they fared in a step.
func network(layers int, step uint64) (*api.Network, *api.Health) {
	n, h := &api.Network{}, &api.Health{Step: step}
	for i := range layers {
		name := string(rune('a'+i%26)) + string(rune('a'+i/26%26))
		n.Layers = append(n.Layers, &api.Layer{Name: name, Kind: "linear", Parameters: []*api.Parameter{{Name: name + ".weight", Shape: []int32{2, 3}}}})
		var counts []int64
		for k := range 60 {
			counts = append(counts, int64(i*7919+k*104729+int(step))*2654435761%1e6) // what no packing makes small
		}
		of := &api.Distribution{Count: 6, Norm: float64(i + 1), Positive: &api.Bins{First: -20, Counts: counts}}
		h.Layers = append(h.Layers, &api.LayerHealth{Parameters: []*api.ParameterHealth{{Weight: of, Gradient: of, Update: of}}})
	}
	return n, h
}

// Networks of any size are read as they were written; a measured step of which a part is missing is not there, nor is one
// behind the step to which the run went back, or of another network.
func TestLayers(t *testing.T) {
	n, first := network(200, 10)
	_, second := network(200, 20)
	_, other := network(3, 25)
	text := AppendHealth(AppendNetwork(nil, n), first)
	if parts := bytes.Count(text, magic[:]); parts < 3 {
		t.Fatalf("%d frames: it has no parts", parts)
	}
	whole := AppendHealth(AppendHealth(slices.Clone(text), second), other)
	l := loaded(whole)
	h, there := l.Layers.History("bb")
	if !there || !slices.Equal(h.Steps, []uint64{10, 20}) || h.Gradient != 28 || len(l.Layers.Graph().Layers) != 200 {
		t.Errorf("%t, steps %v, gradient %v", there, h.Steps, h.Gradient)
	}
	torn := slices.Clone(whole)
	torn[len(text)-20] ^= 1 // of the first measured step
	if h, _ := loaded(torn).Layers.History("bb"); !slices.Equal(h.Steps, []uint64{20}) {
		t.Errorf("of a torn history: %v", h.Steps)
	}
	if h, _ := loaded(AppendCut(whole, 15)).Layers.History("bb"); !slices.Equal(h.Steps, []uint64{10}) {
		t.Errorf("after going back: %v", h.Steps)
	}
	n.Layers[3].Inputs = []int32{7}
	if g := loaded(AppendNetwork(nil, n)).Layers.Graph(); len(g.Layers) != 0 {
		t.Error("a network whose layer reads a later one is taken")
	}
}

// Whatever is written as a network, or as how its layers fare, what is taken of it can be shown.
func FuzzLayers(f *testing.F) {
	n, h := network(2, 3)
	for _, m := range []proto.Message{n, h} {
		text, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, l := range []*Loader{loaded(AppendHealth(appendMessage(nil, layersNetwork, text), h)), loaded(appendMessage(AppendNetwork(nil, n), layersHealth, text))} {
			h, _ := l.Layers.History("aa")
			for _, shown := range []any{l.Layers.Graph(), l.Layers.All(), h} {
				if _, err := json.Marshal(shown); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
