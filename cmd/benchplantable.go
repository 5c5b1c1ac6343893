package cmd

import (
	"fmt"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/cmd/bench"
	"github.com/rondo-ml/rondo/cmd/bench/predict"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// planText is a plan within 100 columns.
func planText(r *bench.Run, rate string) string {
	var b strings.Builder
	p := r.Plan
	fmt.Fprintf(&b, "Every node computes the whole batch of the run file: n nodes take n times the batch in a step.\n")
	fmt.Fprintf(&b, "Memory of a node: %s", bytesText(p.Memory))
	if p.Passes > 1 {
		fmt.Fprintf(&b, ", or %s with --passes %d", bytesText(p.LeastMemory), p.Passes)
	}
	b.WriteString(".\n\n")
	fmt.Fprintf(&b, "%6s%8s%10s%10s%10s%12s%9s%9s%9s%9s", "nodes", "lanes", "step", "ring", "slowest", "efficiency", "in bf16", rate, "run", "bound")
	if r.Cluster.Price > 0 {
		fmt.Fprintf(&b, "%8s", "cost")
	}
	b.WriteString("\n")
	for i, f := range p.Float32 {
		fmt.Fprintf(&b, "%6d%8d%10s%10s%10s%10.1f %%%7.1f %%%9s%9s%9s", f.Nodes, f.Lanes, stepText(f.Step), stepText(f.Ring), stepText(f.Slowest), 100*f.Efficiency,
			100*p.BFloat16[i].Efficiency, rateText(f.Rate), durationText(time.Duration(f.Time*float64(time.Second))), f.Bound)
		if r.Cluster.Price > 0 {
			fmt.Fprintf(&b, "%8.2f", f.Cost)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n" + bendText(p.Float32))
	if last := p.Float32[len(p.Float32)-1]; last.Nodes*r.Lanes > runfile.MaxLanes {
		fmt.Fprintf(&b, "A run has at most %d lanes (batch.lanes): where nodes are many, each has fewer.\n", runfile.MaxLanes)
		if last.Nodes > runfile.MaxLanes {
			fmt.Fprintf(&b, "No run has more workers than lanes: what is told of more than %d nodes is arithmetic alone.\n", runfile.MaxLanes)
		}
	}
	if p.Extrapolated {
		b.WriteString("The step with all lanes is on the line through those with one and two lanes, and no less than what its\n" +
			"operations take at the ceiling.\n")
	}
	unit, _, _ := strings.Cut(rate, "/")
	if unit == "img" {
		unit = "image"
	}
	b.WriteString("ring: waiting for it when all own gradients are there; slowest: waiting for the node that is the\n" +
		"slowest of a step, as steps differ here; in bf16: efficiency with ring.wire: bf16;\n" +
		"run: as many " + unit + "s as the run file's steps have; bound: what the step would gain most from.\n")
	return b.String()
}

// bends is the efficiency below which a plan is said to bend.
const bends = 0.9

// bendText says where scaling bends, and why.
func bendText(plan []predict.Planned) string {
	for _, p := range plan {
		if p.Efficiency < bends {
			return fmt.Sprintf("Scaling bends at %d nodes (below %.0f %%):\n%s.\n", p.Nodes, 100*bends, boundText(p.Bound))
		}
	}
	last := plan[len(plan)-1]
	return fmt.Sprintf("Scaling does not bend (below %.0f %%) up to %s.\n", 100*bends, countText(last.Nodes, "node"))
}

// boundText is a bound in words, with what helps.
func boundText(b predict.Bound) string {
	switch b {
	case predict.Wire:
		return "the network's bandwidth; ring.wire: bf16, a larger batch for each node or a faster network help"
	case predict.Cipher:
		return "a core's work for each byte; ring.wire: bf16 or a larger batch for each node help"
	case predict.Latency:
		return "the hops around the ring; a larger batch for each node helps"
	case predict.Slowest:
		return "steps that differ from node to node, as they do here; nodes that do nothing else help"
	case predict.Frames:
		return "a core's work for each frame; fewer lanes for each node make chunks larger"
	}
	return "the nodes' own work"
}
