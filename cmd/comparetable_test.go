package cmd

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/cmd/comparison"
)

// TestCompareDiverged: a variant whose loss is no number has no loss of 0.
func TestCompareDiverged(t *testing.T) {
	p := &comparison.Plan{Equal: "steps", Variants: []comparison.Variant{{Name: "calm", Steps: 1}, {Name: "wild", Steps: 1}}, Shares: []float64{1}, Seeds: []uint64{1}}
	text := compareText(comparison.Gather(p, []comparison.Outcome{
		{Variant: "calm", Share: 1, Rate: 5, Measures: map[string]float64{"loss": 1.25}},
		{Variant: "wild", Share: 1, Rate: 5, Measures: map[string]float64{}},
	}), "loss")
	for name, want := range map[string]string{"calm": "1.25", "wild": "none"} {
		line := text[strings.LastIndex(text, name):]
		if fields := strings.Fields(line); fields[3] != want {
			t.Errorf("%q: want %s in\n%s", fields, want, text)
		}
	}
}
