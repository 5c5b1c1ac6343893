package worker

import (
	"strings"
	"testing"
)

// TestReplayNearest: the nearest step at which the run left a mark, the earlier of two.
func TestReplayNearest(t *testing.T) {
	r := &Replay{MarksMade: map[uint64]string{100: "a", 200: "b", 300: "c"}}
	for step, want := range map[uint64]uint64{1: 100, 149: 100, 150: 100, 151: 200, 250: 200, 999: 300} {
		if r.Step = step; r.Nearest() != want {
			t.Errorf("of step %d: %d, want %d", step, r.Nearest(), want)
		}
	}
	if r.MarksMade = nil; r.Nearest() != 0 {
		t.Errorf("without marks: %d", r.Nearest())
	}
}

// TestReplayDiffers: the first mark that is another is named, before the digest.
func TestReplayDiffers(t *testing.T) {
	r := &Replay{Step: 40, Digest: "new", Recorded: "old",
		Marks: map[uint64]string{10: "a", 20: "b", 30: "c"}, MarksMade: map[uint64]string{10: "a", 20: "x", 30: "y", 90: "z"}}
	if got := r.Differs(); !strings.HasPrefix(got, "after step 20 the run's weights had the mark x, and these have b") {
		t.Errorf("got %q", got)
	}
	r.MarksMade = r.Marks
	if got := r.Differs(); got != "the checkpoint of step 40 has the digest old, and these steps lead to new" {
		t.Errorf("got %q", got)
	}
	r.Recorded = r.Digest
	if got := r.Differs(); got != "" {
		t.Errorf("got %q", got)
	}
}
