package worker

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// heapBytes is the memory that the process holds in Go's heap.
func heapBytes() int64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64())
}

// largeModel is from how many weights on it is worth a collection to have back what a worker let go.
const largeModel = 1 << 20

// collect makes room for what takes the place of what was let go: the collector comes by itself only when both are there.
func collect(weights int) {
	if weights >= largeModel {
		runtime.GC()
	}
}

// release gives the system back what was let go and has no successor. By itself Go would take minutes where there is much to do.
func release(weights int) {
	if weights >= largeModel {
		debug.FreeOSMemory()
	}
}

func kernelTier() string { return tensor.Tier() }

// newPool starts the goroutines that compute for a run, in its precision and with its convolutions.
func newPool(f *runfile.File, threads int) *tensor.Pool {
	pool := tensor.NewPool(threads)
	if f.Precision == "bf16" {
		pool.SetPrecision(tensor.BF16)
	}
	if f.Convolution == "winograd" {
		pool.SetConvMethod(tensor.Winograd)
	}
	return pool
}

// CheckTier reports a checkpoint that was computed by other arithmetic than this
// process's, unless the run file allows it.
func CheckTier(m *checkpoint.Manifest, f *runfile.File) error {
	own := api.Arithmetic(kernelTier())
	if m.Tier == own || f.MixedTiers {
		return nil
	}
	by := m.Tier
	if by == "" {
		by = "a tier other than " + own
	}
	return fmt.Errorf("%s was computed by %s, and this process computes by %s, which gives other bits; set RONDO_TIER to go on as it was",
		checkpoint.DirName(m.Step), by, kernelTier())
}
