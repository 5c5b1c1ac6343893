package worker

import (
	"strings"
	"testing"
)

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
