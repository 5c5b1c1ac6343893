package worker

import (
	"context"
	"errors"
	"fmt"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/api"
)

// seat is a worker's place in the ring of one view: it is made whole and closed
// whole, and the next view gives another.
type seat struct {
	view  *api.View
	ring  allreduce.View
	self  int
	group *allreduce.Group
	ctx   context.Context // ends with the place: for a newer view, or with the worker
	end   context.CancelCauseFunc
	sent  int64 // bytes that were reported
}

// errSuperseded ends a place for which a newer view has come.
var errSuperseded = errors.New("a newer view has come")

// enter takes the place that a view gives: it closes the ring with the neighbours. The
// state is not looked at yet. With an error there is a seat too, to be closed.
func (w *worker) enter(life context.Context, v *api.View) (p *seat, err error) {
	p = &seat{view: v, self: int(v.Self)}
	p.ctx, p.end = context.WithCancelCause(life)
	if p.ring, err = toView(v); err != nil {
		return p, err
	}
	w.generation.Store(v.Generation)
	w.activity.connects(v.Generation)
	if !w.control.views.attend(func() { p.end(errSuperseded) }) {
		p.end(errSuperseded)
		return p, errSuperseded
	}
	next, prev, err := w.closeRing(p.ctx, v, p.ring)
	if err != nil && p.ctx.Err() == nil && w.cfg.Credentials.Over() {
		if of, ok := errors.AsType[*allreduce.PeerError](err); ok {
			err = of // without advice on addresses
		}
		return p, &CertificateError{w.cfg.Credentials.Expires(), err}
	}
	if err != nil {
		return p, err
	}
	if p.group, err = newGroup(w.cfg.File, p.ring, p.self, next, prev, int(w.hello.Parameters)); err != nil {
		return p, err
	}
	w.activity.joined(p.group)
	w.cutter.guard(next)
	context.AfterFunc(p.ctx, func() { p.group.Close() }) // so that no collective outlives the place
	lanes := p.lanes()
	w.cfg.Log.Info("in the ring", "generation", v.Generation, "workers", p.ring.Workers(), "lanes", fmt.Sprintf("%d-%d", lanes.first, lanes.end-1),
		"from step", v.Step)
	if w.cfg.InRing != nil {
		w.cfg.InRing(p.ring.Workers())
	}
	return p, nil
}

// lanes are those that the view gives the worker.
func (p *seat) lanes() laneRange {
	lo, hi := p.ring.LanesOf(p.self)
	return laneRange{lo, hi}
}

// first says whether the worker is the view's first, which commits checkpoints and
// puts decisions into the gather.
func (p *seat) first() bool { return p.self == 0 }

// close leaves the ring. What others still need is handed on first.
func (p *seat) close() {
	if p.group != nil {
		p.group.Close()
	}
	p.end(nil)
}

func toView(v *api.View) (allreduce.View, error) {
	view := allreduce.View{Generation: v.Generation, Lanes: int(v.Lanes), Starts: []int{0}}
	for _, p := range v.Peers {
		view.Starts = append(view.Starts, int(p.EndLane))
	}
	if err := view.Validate(); err != nil {
		return view, fmt.Errorf("the coordinator's view: %w", err)
	}
	if v.Self < 0 || int(v.Self) >= view.Workers() {
		return view, fmt.Errorf("the coordinator's view: self: worker %d of %d", v.Self, view.Workers())
	}
	return view, nil
}
