package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// Tier is the name of the instruction set in use: "avx512", "avx2", "neon" or "go"; or "go-fast", which is no instruction set
// but plain Go that rounds products before it adds them: its bits are its own.
func Tier() string { return kernel.Active.String() }

// Exact tells whether the tier in use computes the bits that all tiers but go-fast have in common.
func Exact() bool { return kernel.Active.Exact() }

// TierError says why the tier named by the environment variable RONDO_TIER is not in use, or is nil.
// The best tier available is used instead, and computes the same bits.
func TierError() error { return kernel.TierErr }
