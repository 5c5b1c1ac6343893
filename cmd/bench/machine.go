package bench

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/tensor"
)

// Pair is a figure for one core and for all.
type Pair struct {
	One float64 `json:"one_core"`
	All float64 `json:"all_cores"`
}

// Machine is what all else is measured against.
type Machine struct {
	Processor string `json:"processor,omitempty"` // as the system calls it; empty where it does not
	Arch      string `json:"arch"`                // amd64, arm64, …
	Cores     int    `json:"cores"`               // on which this process computes
	Quota     string `json:"quota,omitempty"`     // of their time, and whose: "1.5 of 8 cores by the quota of …"
	Tier      string `json:"tier"`                // instruction set in use
	Ceiling   Pair   `json:"ceiling_gflops"`      // fused multiply-adds out of registers, float32
	Memory    Memory `json:"memory_gbytes"`
}

// Memory is the bandwidth of memory in GB/s, all bytes that move counted.
type Memory struct {
	Read   Pair `json:"read"`   // search
	Write  Pair `json:"write"`  // clear
	Copy   Pair `json:"copy"`   // y = x
	Update Pair `json:"update"` // x += a*y
}

// Machine measures the ceiling and the bandwidth of memory.
func (m Meter) Machine() Machine {
	return Machine{
		Processor: processor(), Arch: runtime.GOARCH, Cores: m.Cores, Tier: tensor.Tier(),
		Ceiling: m.Ceiling(),
		Memory: Memory{
			Read:   m.memory(1, 1, func(x [][]float32) { bytes.IndexByte(bytesOf(x[0]), 1) }),
			Write:  m.memory(1, 1, func(x [][]float32) { clear(x[0]) }),
			Copy:   m.memory(2, 2, func(x [][]float32) { copy(x[0], x[1]) }),
			Update: m.memory(2, 3, func(x [][]float32) { tensor.Axpy(x[0], 0.5, x[1]) }),
		},
	}
}

// Ceiling runs the loop out of registers, a good part of a millisecond a call, and returns GFLOP/s.
func (m Meter) Ceiling() Pair {
	const flops = 1 << 24
	one, all := m.on(func(pool *tensor.Pool) Work {
		return each(pool, func() Work {
			w := Work{Flops: float64(tensor.Ceiling(flops))}
			w.Run = func() { tensor.Ceiling(flops) }
			return w
		})
	})
	return Pair{one.gflops, all.gflops}
}

// memory measures f over slices that no cache holds; accesses is how many reads and writes there are of each
// value.
func (m Meter) memory(slices, accesses int, f func(x [][]float32)) Pair {
	one, all := m.on(func(pool *tensor.Pool) Work { return far(pool, slices, accesses, f) })
	return Pair{one.gbytes, all.gbytes}
}

// far is f over so many slices of equal length, together larger than any cache, shared out to the pool.
func far(pool *tensor.Pool, slices, accesses int, f func(x [][]float32)) Work {
	n := farBytes() / 4 / slices
	whole := make([][]float32, slices)
	for i := range whole {
		whole[i] = tensor.AlignedSlice(n)
		tensor.Fill(whole[i], 0.5) // until it is written all of it is one and the same page
	}
	const line = 16
	run := func(lo, hi int) {
		parts := make([][]float32, slices)
		for i := range whole {
			parts[i] = whole[i][lo*line : hi*line]
		}
		f(parts)
	}
	return Work{Bytes: float64(4 * n * accesses), Run: func() { pool.For(n/line, 1, run) }}
}

// farBytes is a size that no cache holds: four times the largest cache, if the system tells its size.
func farBytes() int {
	const least, most = 128 << 20, 1 << 30
	text, _ := os.ReadFile("/sys/devices/system/cpu/cpu0/cache/index3/size")
	kib, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(string(text)), "K"))
	if err != nil {
		return least
	}
	return min(max(least, 4*kib<<10), most) &^ 4095
}

// processor is the name that Linux has for the first processor.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
