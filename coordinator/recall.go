package coordinator

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// Bounds on what a worker tells of the past of a run.
const (
	maxPiece       = 2 << 20
	maxPast        = 4 << 30
	recallPatience = 30 * time.Second // for one piece
)

// recalls takes a worker's answers to those who wait for them.
type recalls struct {
	mu    sync.Mutex
	id    uint64 // of the question that waits; answers to others are let go
	conn  uint64
	reply chan *api.Recalled
}

func (r *recalls) ask(conn uint64) (id uint64, reply <-chan *api.Recalled) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.id++
	r.conn, r.reply = conn, make(chan *api.Recalled, 1)
	return r.id, r.reply
}

func (r *recalls) answered(conn uint64, a *api.Recalled) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reply != nil && r.conn == conn && r.id == a.GetId() {
		r.reply <- a // there is room for the one
		r.reply = nil
	}
}

// recall asks the worker of a stream for the history of the run, as it lies
// beside the checkpoints, and shows it. Nothing depends on it.
func (t *term) recall(ctx context.Context, conn uint64) {
	past, err := t.past(ctx, conn)
	if err != nil {
		t.log.Debug("the history of the run from before is not known yet", "error", err)
		t.board.stillLacksPast()
		return
	}
	t.board.remembered(past)
}

func (t *term) past(ctx context.Context, conn uint64) (*history.Loader, error) {
	past := &history.Loader{History: history.New(history.StepColumns()...)} // whatever columns the program had that wrote it
	for from, read := uint64(0), 0; read < maxPast; {
		a, err := t.piece(ctx, conn, from)
		if err != nil {
			return nil, err
		}
		if len(a.GetData()) == 0 || a.GetNext() <= from {
			break
		}
		_, _ = past.Write(a.GetData()) // it takes all
		from, read = a.GetNext(), read+len(a.GetData())
	}
	return past, nil
}

func (t *term) piece(ctx context.Context, conn, from uint64) (*api.Recalled, error) {
	id, reply := t.recalls.ask(conn)
	t.hub.send(conn, &api.ToWorker{Message: &api.ToWorker_Recall{Recall: &api.Recall{Id: id, From: from}}})
	late := time.NewTimer(recallPatience)
	defer late.Stop()
	select {
	case a := <-reply:
		if a.GetError() != "" {
			return nil, errors.New(a.GetError())
		}
		return a, nil
	case <-t.over:
		return nil, errors.New("the run has ended")
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-late.C:
		return nil, fmt.Errorf("no answer in %v", recallPatience)
	}
}
