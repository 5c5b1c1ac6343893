package coordinator

import (
	"slices"
	"testing"
	"time"
)

func TestLanesByPace(t *testing.T) {
	for _, c := range []struct {
		paces []float64
		lanes int
		want  []int
	}{
		{[]float64{1, 1, 1}, 8, []int{3, 3, 2}},
		{[]float64{1, 3}, 8, []int{6, 2}},
		{[]float64{5, 1, 1}, 3, []int{1, 1, 1}},
		{[]float64{100, 1}, 8, []int{1, 7}},
	} {
		if got := lanesByPace(c.paces, c.lanes); !slices.Equal(got, c.want) {
			t.Errorf("%v, %d lanes: %v, want %v", c.paces, c.lanes, got, c.want)
		}
	}
}

// A worker that computes three times as long on a lane gives lanes away, once, and only when the run file says so.
func TestRebalance(t *testing.T) {
	for _, asked := range []bool{true, false} {
		b, clock, s := boardOf(2)
		s.plan.Rebalance, s.plan.Lanes, s.plan.Steps = asked, 8, 1000
		s = play(b, clock, s, joins(2)...)
		var moved []string
		for n := range uint64(100) {
			for i, m := range s.inView() {
				r := report(n, time.Millisecond)
				r.ComputeNs = int64(m.EndLane-m.FirstLane) * int64(1+2*i) * int64(time.Millisecond)
				s = play(b, clock, s, stepReported{m.Conn, r})
			}
			s = play(b, clock, s, tick{})
			if s.Change.Pending {
				moved = append(moved, s.Change.Reason)
				s = play(b, clock, s, parted{1, s.Generation, n + 1}, parted{2, s.Generation, n + 1})
			}
		}
		if !asked {
			if len(moved) > 0 {
				t.Errorf("not asked for, and moved: %q", moved)
			}
			continue
		}
		if len(moved) != 1 || moved[0] != "worker-1 computes 3ms for a lane, the fastest 1ms: lanes move" {
			t.Errorf("moved: %q", moved)
		}
		if w := s.View.Workers; w[0].End != 6 || w[1].First != 6 {
			t.Errorf("lanes %+v", w)
		}
	}
}
