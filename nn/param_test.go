package nn

import (
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// What is kept stands as if it had been registered alone: the same order, first values, names and room.
func TestKeep(t *testing.T) {
	register := func(names ...string) *Params {
		ps := NewParams()
		for _, name := range names {
			NewConv2d(ps, name+".conv", tensor.ConvShape{Cin: 2, Cout: 3, KH: 1, KW: 1}, true, nil)
			NewBatchNorm(ps, name+".norm", 3, BatchNormOptions{})
		}
		return ps
	}
	begun := func(ps *Params) (values []float32) {
		ps.Allocate()
		ps.Initialize(7)
		return slices.Concat(ps.Values, ps.Running)
	}
	ps, want := register("a", "b", "c"), register("a", "c")
	ps.Keep(func(name string) bool { return !strings.HasPrefix(name, "b.") })
	if got := begun(ps); !slices.Equal(got, begun(want)) || ps.Size() != want.Size() || ps.StatisticsSize() != want.StatisticsSize() || len(ps.Counters) != 2 {
		t.Errorf("%d values, want %d", len(got), want.Size()+want.StatisticsSize())
	}
	if ps.Get("b.conv.weight") != nil || ps.Get("c.conv.weight") != ps.List[4] || len(Names{"b."}.Unused(ps)) != 1 {
		t.Error("what was dropped is there by its name")
	}
	NewConv2d(ps, "b.conv", tensor.ConvShape{Cin: 2, Cout: 3, KH: 1, KW: 1}, true, nil) // the name is free
}
