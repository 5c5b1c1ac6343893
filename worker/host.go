package worker

import (
	"runtime/metrics"

	"github.com/rondo-ml/rondo/tensor"
)

// heapBytes is the memory that the process holds in Go's heap.
func heapBytes() int64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64())
}

func kernelTier() string { return tensor.Tier() }
