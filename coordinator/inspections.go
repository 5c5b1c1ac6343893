package coordinator

import (
	"context"
	"sync"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/inspect"
)

// inspections are looks into workers that an operator waits for.
type inspections struct {
	mu    sync.Mutex
	next  uint64
	waits map[uint64]inspection // by number
}

type inspection struct {
	conn  uint64 // of the worker that was asked
	reply chan *api.Inspected
}

// maxInspections bounds the operators that wait at once.
const maxInspections = 16

// begin notes a question to the worker of a stream.
func (is *inspections) begin(conn uint64) (id uint64, reply <-chan *api.Inspected, err error) {
	is.mu.Lock()
	defer is.mu.Unlock()
	if len(is.waits) >= maxInspections {
		return 0, nil, faultf(faultBusy, "%d looks into workers are under way; try again", maxInspections)
	}
	if is.waits == nil {
		is.waits = map[uint64]inspection{}
	}
	is.next++
	answers := make(chan *api.Inspected, 1)
	is.waits[is.next] = inspection{conn, answers}
	return is.next, answers, nil
}

func (is *inspections) end(id uint64) {
	is.mu.Lock()
	defer is.mu.Unlock()
	delete(is.waits, id)
}

// answered takes a worker's answer. One that nobody asked this worker for is let go.
func (is *inspections) answered(conn uint64, r *api.Inspected) {
	is.mu.Lock()
	defer is.mu.Unlock()
	if w, ok := is.waits[r.GetId()]; ok && w.conn == conn {
		delete(is.waits, r.GetId())
		w.reply <- r // there is room for the one
	}
}

// connOf is the stream of a worker that is in the run.
func (b *board) connOf(name string) (conn uint64, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.state.byName(name)
	if m == nil || !m.live() || m.Conn == 0 {
		return 0, false
	}
	return m.Conn, true
}

// Inspect looks into a worker, or without a name into this coordinator.
func (s *service) Inspect(ctx context.Context, r *api.InspectRequest) (*api.InspectReply, error) {
	if err := s.permit(ctx, "inspect", identity.MaySteer); err != nil {
		return nil, err
	}
	if err := inspect.Check(r.GetWhat(), int(r.GetSeconds())); err != nil {
		return nil, faultf(faultMalformed, "%v", err)
	}
	if r.GetWorker() == "" {
		data, err := inspect.Take(ctx, r.GetWhat(), int(r.GetSeconds()))
		if err != nil {
			return nil, faultf(faultNotNow, "%v", err)
		}
		return &api.InspectReply{Data: data}, nil
	}
	t, err := s.c.leading(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := t.board.connOf(r.GetWorker())
	if !ok {
		return nil, faultf(faultNotNow, "no worker named %.64q is in the run", r.GetWorker())
	}
	id, reply, err := t.inspections.begin(conn)
	if err != nil {
		return nil, err
	}
	defer t.inspections.end(id)
	t.hub.send(conn, &api.ToWorker{Message: &api.ToWorker_Inspect{Inspect: &api.Inspect{Id: id, What: r.GetWhat(), Seconds: r.GetSeconds()}}})
	select {
	case a := <-reply:
		if a.GetError() != "" {
			return nil, faultf(faultNotNow, "%s: %s", r.GetWorker(), a.GetError())
		}
		return &api.InspectReply{Data: a.GetData()}, nil
	case <-t.over:
		return nil, faultf(faultNotNow, "the run has ended")
	case <-ctx.Done():
		return nil, faultf(faultLate, "%s has not answered: %v", r.GetWorker(), ctx.Err())
	}
}
