package tensor

import (
	"fmt"
	"os"
)

// active is the tier that new Panels are packed for and new products run on.
var active, tierErr = chooseTier(os.Getenv("RONDO_TIER"), available)

// Tier is the name of the instruction set in use: "avx512", "avx2", "neon" or "go"; or "go-fast", which is no instruction set
// but plain Go that rounds products before it adds them: its bits are its own.
func Tier() string { return active.String() }

// Exact tells whether the tier in use computes the bits that all tiers but go-fast have in common.
func Exact() bool { return active.exact() }

// TierError says why the tier named by the environment variable RONDO_TIER is not in use, or is nil.
// The best tier available is used instead, and computes the same bits.
func TierError() error { return tierErr }

// chooseTier picks the tier called name, or the best of those available if name is empty or cannot be had.
func chooseTier(name string, available func(tier) bool) (tier, error) {
	best := tierGo
	for t := range tiers {
		if t := tier(t); t.exact() && available(t) {
			best = t
		}
	}
	if name == "" {
		return best, nil
	}
	for t := range tiers {
		if tiers[t].name != name {
			continue
		}
		if !available(tier(t)) {
			return best, fmt.Errorf("RONDO_TIER=%s: this processor or build does not have it; using %s", name, best)
		}
		return tier(t), nil
	}
	return best, fmt.Errorf("RONDO_TIER=%q: not one of avx512, avx2, neon, go, go-fast; using %s", name, best)
}
