package coordinator

import (
	"fmt"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// TestBacks kills a run's only worker again and again. A run that comes further each time goes on; one that does
// not ends at last, and says where.
func TestBacks(t *testing.T) {
	kill := func(from, by int) *player {
		p := &player{t: t, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), conns: map[string]uint64{}}
		p.play("run workers=1 exits\njoin worker-0\nready\n")
		for i := range 3 * maxFruitless {
			p.play(fmt.Sprintf("step step=%d\nexit worker-0: killed by signal 9\nafter 100ms\njoin worker-0\nready\n", from+i*by))
			if ended(p.s.Phase) {
				break
			}
		}
		return p
	}
	if p := kill(3, 1); p.s.Phase != api.PhaseTraining {
		t.Errorf("it came further each time: %s", p.s.Reason)
	}
	if p := kill(3, 0); p.s.Phase != api.PhaseFailed {
		t.Errorf("it came no further: %s", p.s.Reason)
	}
}
