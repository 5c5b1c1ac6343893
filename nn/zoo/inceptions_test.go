package zoo

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
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
	info := mustLookup(tb, kind)
	*info.Field("width").At(config).(*float64) = facts.Width
	*info.Field("depth").At(config).(*float64) = facts.Depth
	return withoutDropout(tb, kind, config)
}

// TestInceptionsAgainstPyTorch compares a step of each network, cut down, and inference, with those of make_inceptions.py.
func TestInceptionsAgainstPyTorch(t *testing.T) {
	facts := readInceptionFacts(t)
	for _, file := range append(sortedKeys(facts), "inceptionv3-trunk") {
		t.Run(file, func(t *testing.T) {
			var ref stepReference
			readReference(t, file+".json", &ref)
			kind := strings.TrimSuffix(file, "-trunk")
			config := shrunk(t, kind, ref.Image, facts[kind])
			if f := mustLookup(t, kind).Field("sides"); f != nil {
				*f.At(config).(*bool) = len(ref.Sides) > 0
			}
			ref.compare(t, kind, config)
		})
	}
}
