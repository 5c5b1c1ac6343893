package cmd

import (
	"fmt"
	"io"
	"os"

	"github.com/rondo-ml/rondo/worker/machine"
)

// placement says on which nodes of memory the workers of one machine run: a worker whose threads and memory are on one
// node waits for no other's. With one node, or a quota, nobody is bound to anything.
type placement struct {
	nodes   []machine.Node
	workers int // at the start
}

// placementHere is that of this machine for so many workers of so many threads each.
func placementHere(workers, threads int) placement {
	return placementOn(nodesHere(), workers, threads)
}

// nodesHere are the nodes to which workers may be bound; fewer than two: to none.
func nodesHere() []machine.Node {
	if machine.Here().Limited() || os.Getenv("GOMAXPROCS") != "" {
		return nil
	}
	return machine.Nodes(os.DirFS("/"), machine.Allowed())
}

func placementOn(nodes []machine.Node, workers, threads int) placement {
	p := placement{nodes, workers}
	for i := range workers {
		if len(nodes) < 2 || workers < len(nodes) || threads > len(p.node(i).Processors) {
			return placement{}
		}
	}
	return p
}

// node is that of the i-th worker. Neighbours in the ring are on one node as far as can be; those that come later take
// the nodes in turn.
func (p placement) node(i int) machine.Node {
	if i < p.workers {
		return p.nodes[i*len(p.nodes)/p.workers]
	}
	return p.nodes[i%len(p.nodes)]
}

// processors are those of the i-th worker; nil: all.
func (p placement) processors(i int) []int {
	if len(p.nodes) == 0 {
		return nil
	}
	return p.node(i).Processors
}

// print shows who runs where, if anybody is bound.
func (p placement) print(out io.Writer) {
	for i := 0; i < p.workers && len(p.nodes) > 0; i++ {
		fmt.Fprintf(out, "%-12s %v\n", fmt.Sprintf("worker-%d", i), p.node(i))
	}
}
