package cmd

import (
	"fmt"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/cmd/bench"
)

// runText is a run's step here and on the described cluster, within 100 columns.
func runText(r *bench.Run) string {
	var b strings.Builder
	h := r.Here
	rate := "byte/s"
	if r.Unit != "byte" {
		rate = "img/s"
	}
	fmt.Fprintf(&b, "run %s: %s, %d parameters, %s, %s of %s\n\n", r.Name, r.Model, r.Parameters,
		countText(r.Lanes, "lane"), countText(r.Steps, "step"), countText(r.Targets, r.Unit))
	fmt.Fprintf(&b, "here, one worker with %s\n", countText(h.Threads, "thread"))
	line := func(name, format string, values ...any) {
		fmt.Fprintf(&b, "  %-12s"+format+"\n", append([]any{name}, values...)...)
	}
	line("step", "%s, %s %s", stepText(h.Step), rateText(h.Rate), rate)
	line("products", "%.2f GFLOP at %.1f GFLOP/s, %.0f %% of the ceiling (%.1f)", r.Operations, h.GFLOPS, 100*h.Share, h.Ceiling)
	line("gradient", "%s in %s, the first after %.0f %% of the step", bytesText(int64(r.GradientBytes)), countText(r.Buckets, "bucket"), 100*h.First/h.Step)
	b.WriteString(clusterText(r.Cluster, h.Threads))
	if r.Plan != nil {
		return b.String() + planText(r, rate)
	}
	fmt.Fprintf(&b, "%7s%7s%10s%10s%10s%10s%8s%12s%9s%9s", "workers", "lanes", "step", "compute", "ring", "slowest", "hidden", "efficiency", rate, "run")
	if r.Cluster.Price > 0 {
		fmt.Fprintf(&b, "%8s", "cost")
	}
	b.WriteString("\n")
	for _, p := range r.Predicted {
		hidden := fmt.Sprintf("%.0f %%", 100*p.Hidden)
		if p.Workers == 1 {
			hidden = "none" // is sent
		}
		fmt.Fprintf(&b, "%7d%7d%10s%10s%10s%10s%8s%10.0f %%%9s%9s", p.Workers, p.Lanes, stepText(p.Step), stepText(p.Compute), stepText(p.Ring),
			stepText(p.Slowest), hidden, 100*p.Efficiency, rateText(p.Rate), durationText(time.Duration(p.Time*float64(time.Second))))
		if r.Cluster.Price > 0 {
			fmt.Fprintf(&b, "%8.2f", p.Cost)
		}
		b.WriteString("\n")
	}
	b.WriteString("\ncompute: until all own gradients are there; ring: waiting for it after that; slowest: waiting for\n" +
		"the worker that is the slowest of a step, as steps differ here; hidden: how much of the ring passes\n" +
		"beside backward. Without evaluations and checkpoints.\n")
	return b.String()
}

func clusterText(c bench.Cluster, threads int) string {
	text := fmt.Sprintf("\npredicted, on nodes of %s, %.3g Gbit/s, %.3g µs a hop, %.2f ns of a core a byte",
		coresText(c.Cores), c.Network, c.Latency, c.CPU)
	if c.Price > 0 {
		text += fmt.Sprintf(", %.2f/h", c.Price)
	}
	if c.Cores > float64(threads) || c.Cores < 1 {
		text += fmt.Sprintf("\n(compute by %s here, taken as %d/%v of that)", countText(threads, "thread"), threads, c.Cores)
	}
	return text + "\n\n"
}

// coresText is a number of cores, which may be a part of one.
func coresText(n float64) string {
	if n == 1 {
		return "1 core"
	}
	return fmt.Sprintf("%v cores", n)
}

// stepText writes seconds with four digits: "12.34 ms".
func stepText(seconds float64) string {
	switch {
	case seconds < 0.9995e-3:
		return fmt.Sprintf("%.1f µs", seconds*1e6)
	case seconds < 0.9995:
		return fmt.Sprintf("%.2f ms", seconds*1e3)
	}
	return fmt.Sprintf("%.2f s", seconds)
}
