package cmd

import (
	"fmt"
	"strings"

	"github.com/rondo-ml/rondo/cmd/bench"
)

// reportText is a report as a table that fits 100 columns.
func reportText(r bench.Report) string {
	var parts []string
	if r.Machine != nil {
		parts = append(parts, machineText(r.Machine))
	}
	if len(r.Kernels) > 0 {
		parts = append(parts, kernelsText(r.Kernels, r.Machine.Cores))
	}
	if r.Ring != nil {
		parts = append(parts, ringText(r.Ring))
	}
	if r.Run != nil {
		parts = append(parts, runText(r.Run))
	}
	if len(r.Models) > 0 {
		parts = append(parts, modelsText(r.Models))
	}
	return strings.Join(parts, "\n")
}

func machineText(m *bench.Machine) string {
	var b strings.Builder
	name := m.Processor
	if name == "" {
		name = "processor of unknown name"
	}
	fmt.Fprintf(&b, "%s, %s, %s, kernels %s\n", name, m.Arch, countText(m.Cores, "core"), m.Tier)
	if m.Quota != "" {
		fmt.Fprintf(&b, "%s\n", m.Quota)
	}
	b.WriteString("\n")
	fmt.Fprintf(&b, "%-48s%14s%14s\n", "", "one core", countText(m.Cores, "core"))
	line := func(name, unit string, p bench.Pair) {
		fmt.Fprintf(&b, "%-36s%-12s%14.1f%14.1f\n", name, unit, p.One, p.All)
	}
	line("ceiling: multiply-adds in registers", "GFLOP/s", m.Ceiling)
	line("memory: read", "GB/s", m.Memory.Read)
	line("memory: write", "GB/s", m.Memory.Write)
	line("memory: copy", "GB/s", m.Memory.Copy)
	line("memory: update, x += a*y", "GB/s", m.Memory.Update)
	return b.String()
}

// kernelsText has those bound by the ceiling first.
func kernelsText(kernels []bench.Kernel, cores int) string {
	var b strings.Builder
	head := func(bound, unit string) {
		fmt.Fprintf(&b, "%-28s%-24s%10s%12s%10s%12s\n", "", "", "one core", "of "+bound, countText(cores, "core"), "of "+bound)
		fmt.Fprintf(&b, "%-28s%-24s%10s%12s%10s\n", "kernel", "shape", unit, "", unit)
	}
	line := func(k bench.Kernel, p *bench.Pair) {
		fmt.Fprintf(&b, "%-28s%-24s%10.1f%10.0f %%%10.1f%10.0f %%\n", k.Name, k.Shape, p.One, 100*k.Share.One, p.All, 100*k.Share.All)
	}
	head("ceiling", "GFLOP/s")
	for _, k := range kernels {
		if k.GFLOPS != nil {
			line(k, k.GFLOPS)
		}
	}
	b.WriteString("\n")
	head("memory", "GB/s")
	for _, k := range kernels {
		if k.GBytes != nil {
			line(k, k.GBytes)
		}
	}
	return b.String()
}

func ringText(r *bench.Ring) string {
	var b strings.Builder
	over := "unix sockets"
	if r.Transport == "tcp" {
		over = "TLS on loopback"
	}
	fmt.Fprintf(&b, "ring of %d processes over %s\n\n%-12s%14s%22s\n", r.Workers, over, "bucket", "median time", "bus bandwidth, GB/s")
	for _, s := range r.Sizes {
		fmt.Fprintf(&b, "%-12s%14s%22.2f\n", bucketText(s.Bytes), microsText(s.Micros), s.Bus)
	}
	return b.String()
}

// bucketText writes a size in powers of two: "4 KiB".
func bucketText(n int) string {
	for _, u := range []struct {
		name string
		size int
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n >= u.size && n%u.size == 0 {
			return fmt.Sprintf("%d %s", n/u.size, u.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}

func microsText(us float64) string {
	if us < 1000 {
		return fmt.Sprintf("%.1f µs", us)
	}
	return fmt.Sprintf("%.2f ms", us/1000)
}
