package kernel

import (
	"fmt"
	"os"
	"strings"
)

// Tier is an instruction set that has a tile of its own.
type Tier uint8

// The tiers. GoFast rounds products before it adds them, so its bits are not those of the others: it is never chosen unless
// it is named.
const (
	Go Tier = iota
	AVX2
	AVX512
	NEON
	GoFast
)

var tiers = [...]struct {
	name       string
	rows, cols int // the most rows of a tile, and its columns
	lanes      int // multiply-adds in one instruction; 1 is plain Go

	narrowRows, narrow int // the same of the tile with fewer columns: its most rows and its most columns, or zeros
}{
	Go:     {"go", 4, 16, 1, 4, 15},
	AVX2:   {"avx2", 6, 16, 8, 8, 8},
	AVX512: {"avx512", 8, 32, 16, 8, 31},
	NEON:   {"neon", 6, 16, 4, 0, 0},
	GoFast: {"go-fast", 4, 16, 1, 0, 0},
}

// Exact tells whether t computes the bits that all tiers but one have in common.
func (t Tier) Exact() bool { return t != GoFast }

// HasVectors tells whether t has the element-wise functions in assembly.
func (t Tier) HasVectors() bool { return tiers[t].lanes > 1 }

func (t Tier) String() string { return tiers[t].name }

// Tiers are all tiers, plain Go first, whether this machine has them or not.
func Tiers() []Tier { return []Tier{Go, AVX2, AVX512, NEON, GoFast} }

// Lanes is how many multiply-adds one instruction does; 1 in plain Go.
func (t Tier) Lanes() int { return tiers[t].lanes }

// Shape is the most rows of a tile, and its columns. Callers call them mr and nr.
func (t Tier) Shape() (rows, cols int) { return tiers[t].rows, tiers[t].cols }

// Active is the tier that new Panels are packed for and new products run on.
var Active, TierErr = chooseTier(os.Getenv("RONDO_TIER"), Available)

// chooseTier picks the tier called name, or the best of those available if name is empty or cannot be had.
func chooseTier(name string, available func(Tier) bool) (Tier, error) {
	best := Go
	var have []string
	for t := range tiers {
		if t := Tier(t); available(t) {
			have = append(have, t.String())
			if t.Exact() {
				best = t
			}
		}
	}
	if name == "" {
		return best, nil
	}
	for t := range tiers {
		if tiers[t].name != name {
			continue
		}
		if !available(Tier(t)) {
			return best, fmt.Errorf("RONDO_TIER=%s: this processor or build does not have it; it has %s", name, strings.Join(have, ", "))
		}
		return Tier(t), nil
	}
	return best, fmt.Errorf("RONDO_TIER=%q: not one of avx512, avx2, neon, go, go-fast", name)
}
