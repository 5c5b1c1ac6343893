package coordinator

import (
	"fmt"
	"slices"
	"time"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/api"
)

// With `rebalance: true` lanes move from slow workers to fast ones. A worker's pace is what it
// computed for a lane, not how long it stood at the barrier, where all wait for the slowest.
// Which worker has a lane decides no bits, so this may look at the clock.
const (
	paceSteps     = 30               // of a view that are watched before lanes move
	paceWeight    = 0.1              // of the newest step in the mean
	paceGain      = 0.1              // of a step, that must be saved
	rebalanceWait = 20 * time.Second // between two moves
)

// notePace notes how long a worker computed for each of its lanes.
func (m *member) notePace(r *api.StepReport) {
	lanes := m.EndLane - m.FirstLane
	if lanes < 1 || r.ComputeNs <= 0 {
		return
	}
	each := float64(r.ComputeNs) / float64(lanes)
	if m.Paced++; m.Paced == 1 {
		m.Pace = each
	}
	m.Pace += paceWeight * (each - m.Pace)
}

// rebalance asks for a ring with other lanes when that makes steps shorter.
func (d *decision) rebalance() {
	s := &d.s
	if !s.plan.Rebalance || s.Phase != api.PhaseTraining || s.Change.Pending || d.now.Sub(s.Balanced) < rebalanceWait {
		return
	}
	members := s.inView()
	paces := make([]float64, len(members))
	longest := 0.0
	for i, m := range members {
		if !m.live() || m.Paced < paceSteps {
			return
		}
		paces[i] = m.Pace
		longest = max(longest, m.Pace*float64(m.EndLane-m.FirstLane))
	}
	counts := lanesByPace(paces, s.plan.Lanes)
	shorter := 0.0
	for i, n := range counts {
		shorter = max(shorter, paces[i]*float64(n))
	}
	if shorter > (1-paceGain)*longest {
		return
	}
	s.Balanced = d.now
	if s.Full != "" { // a new ring would wait for the record
		return
	}
	slowest := members[slices.Index(paces, slices.Max(paces))]
	d.changeRing(fmt.Sprintf("%s computes %s for a lane, the fastest %s: lanes move", slowest.Name,
		spoken(time.Duration(slowest.Pace)), spoken(time.Duration(slices.Min(paces)))))
}

// lanesByPace shares lanes out so that the longest time is as short as can be. Each worker has one at
// least.
func lanesByPace(paces []float64, lanes int) []int {
	counts := make([]int, len(paces))
	for i := range counts {
		counts[i] = 1
	}
	for range lanes - len(paces) {
		best := 0
		for i, pace := range paces {
			if pace*float64(counts[i]+1) < paces[best]*float64(counts[best]+1) {
				best = i
			}
		}
		counts[best]++
	}
	return counts
}

// layLanes is which lanes each worker of the next view has.
func (s *state) layLanes(chosen []*member) (allreduce.View, error) {
	known := s.plan.Rebalance
	paces := make([]float64, len(chosen))
	for i, m := range chosen {
		paces[i] = m.Pace
		known = known && m.Paced >= paceSteps
	}
	if !known {
		return allreduce.EvenView(s.Generation+1, s.plan.Lanes, len(chosen))
	}
	v := allreduce.View{Generation: s.Generation + 1, Lanes: s.plan.Lanes, Starts: []int{0}}
	for i, n := range lanesByPace(paces, s.plan.Lanes) {
		v.Starts = append(v.Starts, v.Starts[i]+n)
	}
	return v, v.Validate()
}
