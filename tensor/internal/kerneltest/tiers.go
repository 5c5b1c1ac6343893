package kerneltest

import (
	"fmt"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// Failer is what *testing.T and *rapid.T have in common.
type Failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// EachTier runs f once for every exact tier of this machine, with that tier in use, as a subtest of the tier's name.
// Plain Go comes first.
func EachTier(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	defer func(old kernel.Tier) { kernel.Active = old }(kernel.Active)
	for _, tier := range kernel.Tiers() {
		if !kernel.Available(tier) || !tier.Exact() {
			continue
		}
		kernel.Active = tier
		t.Run(tier.String(), f)
	}
}

// EachLayout runs f for every tier in bfloat16, in both layouts where the tier has a tile for both.
func EachLayout(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	before := kernel.Pairing
	defer func() { kernel.Pairing = before }()
	has := before
	has[kernel.Go], has[kernel.AVX512] = true, kernel.HasPairs()
	for _, pairs := range []bool{false, true} {
		EachTier(t, func(t *testing.T) {
			if pairs && !has[kernel.Active] {
				return // no tile for it
			}
			kernel.Pairing = has
			kernel.Pairing[kernel.Active] = pairs
			t.Run(fmt.Sprintf("pairs %v", pairs), f)
		})
	}
}

// EachBlockLayout runs f for every tier in all layouts of products in bfloat16 that it has; plain Go has all.
func EachBlockLayout(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	before := kernel.BlockLayouts
	defer func() { kernel.BlockLayouts = before }()
	has := before
	has[kernel.Go] = kernel.Tiled
	for _, l := range []kernel.Layout{kernel.Split, kernel.Tiled} {
		EachTier(t, func(t *testing.T) {
			if l != kernel.Split && l != has[kernel.Active] {
				return // no tile for it
			}
			kernel.BlockLayouts = before
			kernel.BlockLayouts[kernel.Active] = l
			t.Run(fmt.Sprintf("layout %d", l), f)
		})
	}
}

// Some is every third of the cases, from the first on, where tests are to be short: where each takes long by the race
// detector or an emulator, and all of them have been looked at without.
func Some[T any](cases []T) []T {
	if !testing.Short() {
		return cases
	}
	var some []T
	for i := 0; i < len(cases); i += 3 {
		some = append(some, cases[i])
	}
	return some
}

// MustPanic fails unless f panics.
func MustPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s did not panic", what)
		}
	}()
	f()
}
