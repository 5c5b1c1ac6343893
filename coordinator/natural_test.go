package coordinator

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestNatural(t *testing.T) {
	want := []string{"", "worker", "worker-", "worker-0", "worker-01", "worker-1", "worker-2", "worker-9", "worker-10", "worker-10a",
		"worker-10b", "worker-99999999999999999999", "worker-100000000000000000000", "worker-a", "worker0"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, natural)
	if !slices.Equal(got, want) {
		t.Errorf("order %q, want %q", got, want)
	}
}

// A binary search needs a total order.
func TestNaturalIsAnOrder(t *testing.T) {
	name := rapid.StringMatching(`[ab0-2-]{0,5}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := name.Draw(t, "a"), name.Draw(t, "b"), name.Draw(t, "c")
		if natural(a, b) != -natural(b, a) || (natural(a, b) == 0) != (a == b) {
			t.Fatalf("%q and %q", a, b)
		}
		if natural(a, b) < 0 && natural(b, c) < 0 && natural(a, c) >= 0 {
			t.Fatalf("%q < %q < %q", a, b, c)
		}
	})
}
