//go:build !purego

package kernel

import (
	"os"

	"golang.org/x/sys/cpu"
)

// useAVX2 picks the kernels. Their pixels are the same either way.
var useAVX2 = cpu.X86.HasAVX2 && os.Getenv("RONDO_TIER") != "go"
