package cmd

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/worker/machine"
)

// Workers share the nodes out evenly, neighbours together, where each fits on its node; else they are bound to none.
func TestPlacement(t *testing.T) {
	two := []machine.Node{{Number: 0, Processors: []int{0, 1, 2, 3}}, {Number: 1, Processors: []int{4, 5, 6, 7}}}
	for _, c := range []struct {
		nodes            []machine.Node
		workers, threads int
		want             string // nodes of the first workers and of two that come later
	}{
		{two, 2, 4, "0 1 0 1"}, {two, 4, 2, "0 0 1 1 0 1"}, {two, 3, 2, "0 0 1 1 0"},
		{two, 1, 8, ""}, {two, 2, 5, ""}, {two[:1], 2, 2, ""}, {nil, 2, 2, ""},
	} {
		p := placementOn(c.nodes, c.workers, c.threads)
		var got []string
		for i := range c.workers + 2 {
			for _, n := range c.nodes {
				if at := p.processors(i); len(at) > 0 && at[0] == n.Processors[0] {
					got = append(got, fmt.Sprint(n.Number))
				}
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%d workers of %d threads on %d nodes: %q, want %q", c.workers, c.threads, len(c.nodes), s, c.want)
		}
	}
	var out strings.Builder
	placementOn(two, 2, 4).print(&out)
	if want := "worker-0     node 0: processors 0-3\nworker-1     node 1: processors 4-7\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
