package cmd

import (
	"testing"

	"github.com/rondo-ml/rondo/cmd/draw"
)

// Every cell, and no other kind by a part of its name, has the color of what multiplies by weights.
func TestKindColor(t *testing.T) {
	for kind, want := range map[string]int{"conv2d": 0, "linear": 1, "rnn-relu": 1, "gru-textbook": 1, "lstm-peephole": 1, "batch norm": 2, "max pool": 3, "concat": 4} {
		if kindColor(kind) != draw.Colors[want] {
			t.Errorf("%s has another color than its kind", kind)
		}
	}
	for _, kind := range []string{"relu", "pool", ""} {
		if kindColor(kind) != draw.Soft {
			t.Errorf("%q has a color", kind)
		}
	}
}
