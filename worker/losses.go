package worker

import (
	"github.com/rondo-ml/rondo/allreduce"
)

// weigher finds what the losses of a step are divided by, where it depends on the data of the whole batch: each lane
// weighs its targets, and everybody adds up all lanes in order.
type weigher struct {
	lanes    laneRange
	passes   []laneRange
	network  *network
	feed     feed
	own, all [][]float64 // [lanes][losses]
	totals   []float64   // [losses]
}

// newWeigher returns nil where no loss depends on the data.
func newWeigher(n *network, feed feed, lanes laneRange, passes []laneRange, allLanes int) *weigher {
	losses := n.forLanes(passes[0].count()).Losses
	for _, loss := range losses {
		if loss.TotalFromData() {
			return &weigher{lanes: lanes, passes: passes, network: n, feed: feed, own: vectors(lanes.count(), len(losses)),
				all: vectors(allLanes, len(losses)), totals: make([]float64, len(losses))}
		}
	}
	return nil
}

// weigh reads the batch and sets the totals.
func (w *weigher) weigh(group *allreduce.Group, step uint64, batch int, tag uint32) error {
	for _, pass := range w.passes {
		rec := w.network.forLanes(pass.count())
		if err := w.feed.fill(rec.Recording, batch, pass); err != nil {
			return err
		}
		lanes := make([]float64, pass.count())
		for i, loss := range rec.Losses {
			loss.Weigh(lanes)
			for l, weight := range lanes {
				w.own[pass.first-w.lanes.first+l][i] = weight
			}
		}
	}
	if err := group.Gather(step, tag, w.own, w.all); err != nil {
		return err
	}
	clear(w.totals)
	for _, lane := range w.all {
		for i, weight := range lane {
			w.totals[i] += weight
		}
	}
	w.tell(w.passes)
	return nil
}

// tell sets the totals in the recordings of passes.
func (w *weigher) tell(passes []laneRange) {
	for _, pass := range passes {
		for i, loss := range w.network.forLanes(pass.count()).Losses {
			if loss.TotalFromData() {
				loss.Total = w.totals[i]
			}
		}
	}
}
