package cmd

import (
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/cmd/bench"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// TestLanesToMeasure: the ends are always among them, and there are never too many.
func TestLanesToMeasure(t *testing.T) {
	for _, c := range []struct {
		lanes, nodes int
		want         []int
	}{
		{8, 1, []int{8}},
		{8, 8, []int{1, 2, 3, 4, 8}},
		{4, 2, []int{2, 4}},
		{1, 1, []int{1}},
	} {
		p := &prediction{file: &runfile.File{Batch: runfile.Batch{Lanes: c.lanes}}, cluster: bench.Cluster{Nodes: c.nodes}}
		if got := p.lanes(); !slices.Equal(got, c.want) {
			t.Errorf("%d lanes, %d nodes: %v, want %v", c.lanes, c.nodes, got, c.want)
		}
	}
	for lanes := 1; lanes <= 300; lanes++ {
		for nodes := 1; nodes <= lanes; nodes += 1 + lanes/9 {
			p := &prediction{file: &runfile.File{Batch: runfile.Batch{Lanes: lanes}}, cluster: bench.Cluster{Nodes: nodes}}
			got := p.lanes()
			if len(got) > maxProfiles || got[0] != (lanes+nodes-1)/nodes || got[len(got)-1] != lanes || !slices.IsSorted(got) {
				t.Errorf("%d lanes, %d nodes: %v", lanes, nodes, got)
			}
		}
	}
}
