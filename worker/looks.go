package worker

import (
	"sync"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// looks are what somebody wants to see of the network, asked beside the step loop.
type looks struct {
	mu      sync.Mutex
	network bool
	health  bool
	fall    uint64 // the step, counting from 1, of which the waterfall is asked for; 0: none

	rest   time.Time // before it no look is taken that was asked for
	memory []float32 // of the last probe
}

// lookShare is the part of the time, one in so many, that looks may take which the run file did not ask for.
const lookShare = 100

func (l *looks) ask(m *api.Look) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.network, l.health = l.network || m.GetNetwork(), l.health || m.GetHealth()
	if at := m.GetWaterfall(); at > 0 && (l.fall == 0 || at < l.fall) {
		l.fall = at
	}
}

// waterfall says whether to tell where the time of the step goes that comes, counting from 1.
func (l *looks) waterfall(step uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	due := l.fall > 0 && l.fall <= step
	if due {
		l.fall = 0
	}
	return due
}

// take says what to look at in the step that comes.
func (l *looks) take(now time.Time) (network, health bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	network, l.network = l.network, false
	if l.health && !now.Before(l.rest) {
		l.health, health = false, true
	}
	return network, health
}

// took notes what a look has cost.
func (l *looks) took(now time.Time, cost time.Duration, memory []float32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest, l.memory = now.Add((lookShare-1)*cost), memory
}

// beginLook prepares what is to be seen of the step that comes. The view's first worker alone looks at the network.
func (w *worker) beginLook(step uint64) {
	t := w.trainer
	t.probe, t.fall = nil, nil
	asked, kept := w.control.looks.waterfall(step+1), w.recordsFall(step+1)
	if asked || kept {
		t.fall = newWaterfall()
		t.fall.asked, t.fall.kept = asked, kept
	}
	network, health := w.control.looks.take(time.Now())
	if !w.seat.first() {
		return
	}
	if network {
		w.tell(&api.FromWorker{Message: &api.FromWorker_Network{Network: t.described()}})
	}
	if health || due(step+1, w.cfg.File.Watch.Layers) {
		t.probe = t.newProbe(w.control.looks.memory)
	}
}

// endLook tells what was seen of a step that was applied.
func (w *worker) endLook(step uint64, total time.Duration) {
	if fall := w.trainer.fall; fall != nil {
		w.trainer.fall = nil
		w.fell(fall, fall.told(step, total))
	}
	p := w.trainer.probe
	if p == nil {
		return
	}
	w.trainer.probe = nil
	p.found.Step, p.found.CostNs = step, int64(p.spent)
	packing := time.Now()
	w.saver.history.measured(p.found, uint64(w.cfg.File.Steps))
	p.timed(packing)
	w.control.looks.took(time.Now(), p.spent, p.before)
	w.tell(&api.FromWorker{Message: &api.FromWorker_Health{Health: p.found}})
}

// recordsFall says whether the history has the waterfall of a step, counting from 1, of this worker.
func (w *worker) recordsFall(step uint64) bool {
	workers := w.seat.ring.Workers()
	return w.seat.self < api.MaxFallWorkers && w.saver.history.wantsFall(step, uint64(w.cfg.File.Steps), fallSize(len(w.trainer.parts), workers))
}

// fell tells where the time of a step went, to whoever wants to know. What is for the history goes by way of the coordinator to the
// worker that writes it.
func (w *worker) fell(fall *waterfall, told *api.Waterfall) {
	if fall.kept {
		kept := thinned(told, mostSpans(w.seat.ring.Workers()))
		if w.seat.first() {
			w.saver.history.fell(w.cfg.Name, kept)
		} else {
			w.tell(&api.FromWorker{Message: &api.FromWorker_Waterfall{Waterfall: kept}})
		}
	}
	if fall.asked {
		w.tell(&api.FromWorker{Message: &api.FromWorker_Waterfall{Waterfall: told}})
	}
}
