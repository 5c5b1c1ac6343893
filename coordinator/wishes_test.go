package coordinator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// TestManyWishes has as many wishes wait for their steps as there may be. No other step is taken then, but one for the
// same step as an earlier one is, and so are those for the next step: a run can be stopped whatever waits.
func TestManyWishes(t *testing.T) {
	p := &player{t: t, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), conns: map[string]uint64{}}
	p.play("run workers=1 steps=1000\njoin worker-0\nready\nstep step=0\n")
	for i := range maxAsks {
		p.play(fmt.Sprintf("lr 0.5 at=%d: night\n", 100+i))
	}
	for _, c := range []struct {
		wish, answer string
		waits        int
	}{
		{"lr 0.25 at=50: one too many", "answer no: 32 wishes wait", maxAsks},
		{"stop at=60: another", "answer no: 32 wishes wait", maxAsks},
		{"lr 0.125 at=100: overrules", "answer: the learning rate is 0.125 from step 100 on", maxAsks},
		{"lr 0.25: now", "answer: the learning rate is 0.25 from the next step on", maxAsks + 1},
		{"lr 0.125: or rather", "answer: the learning rate is 0.125 from the next step on", maxAsks + 1},
		{"checkpoint: now", "answer: a checkpoint follows at the next step", maxAsks + 2},
		{"stop: now", "answer: the run ends with a checkpoint after the next step", maxAsks + 3},
	} {
		if got := p.play(c.wish + "\n"); !strings.Contains(got, c.answer) {
			t.Errorf("%s:\n%swant %s", c.wish, got, c.answer)
		}
		if len(p.s.Asks) != c.waits {
			t.Errorf("%s: %d wishes wait, want %d", c.wish, len(p.s.Asks), c.waits)
		}
	}
	if p.s.Phase != api.PhaseStopping {
		t.Errorf("the run is %s", p.s.Phase)
	}
}
