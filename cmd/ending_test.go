package cmd

import "testing"

// More steps are offered only where the schedule allows them.
func TestLongerText(t *testing.T) {
	for _, c := range []struct {
		kind, over string
		offered    bool
	}{{"linear", "0", false}, {"cosine", "0", false}, {"constant", "0", true}, {"linear", "900", true}} {
		got := longerText(map[string]string{"steps": "700", "schedule.kind": c.kind, "schedule.over": c.over, "schedule.warmup": "10"})
		if (got != "") != c.offered {
			t.Errorf("%s over %s: %q", c.kind, c.over, got)
		}
	}
}
