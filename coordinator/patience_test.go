package coordinator

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// mute is the service's side of a stream on which nothing comes.
type mute struct {
	ctx context.Context
	api.Coordinator_WorkServer
}

func (m mute) Context() context.Context       { return m.ctx }
func (m mute) SetHeader(metadata.MD) error    { return nil }
func (m mute) Send(*api.ToWorker) error       { <-m.ctx.Done(); return m.ctx.Err() }
func (m mute) Recv() (*api.FromWorker, error) { <-m.ctx.Done(); return nil, io.EOF }

// quietTerm is a term whose loop runs on the bubble's time.
func quietTerm(t *testing.T) (c *Coordinator, result chan *Result) {
	clock := SystemClock{}
	p := &plan{Workers: 1, Lanes: 1, Steps: 1, Version: "v", Protocol: 1}
	c = &Coordinator{board: newBoard(clock, quiet, api.Run{})}
	store := NewMemoryStores().Store()
	if _, err := store.Campaign(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	c.term = &term{plan: p, clock: clock, log: quiet, hub: newHub(4), board: c.board, record: record{store}, writer: newWriter(quiet),
		greet: func(*api.Welcome) {}, inbound: make(chan inbound), over: make(chan struct{}), state: newState(p, pastRun{})}
	result = make(chan *Result, 1)
	go func() {
		r, _ := c.term.run(t.Context(), nil)
		result <- r
	}()
	return c, result
}

// A stream that does not say hello is ended after a while.
func TestNoHello(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, result := quietTerm(t)
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		err := (&service{c: c}).Work(mute{ctx: ctx})
		if status.Code(err) != codes.DeadlineExceeded || time.Since(began) != helloPatience {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		cancel()
		c.term.post(stopAsked{Reason: "enough"})
		<-result
	})
}

// A run ends within two seconds of the loss of a worker, though a survivor
// does not take the end.
func TestEndInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, result := quietTerm(t)
		stuck, _, _ := c.term.hub.open()
		c.term.post(workerJoined{Conn: stuck.conn, Hello: &api.Hello{Name: "w", Version: "v", Protocol: 1}})
		c.term.post(workerReady{stuck.conn, 1})
		began := time.Now()
		c.term.post(workerFailed{stuck.conn, &api.Failed{Error: "broken"}})
		r := <-result
		if took := time.Since(began); r.ExitCode != 1 || took > 2*time.Second {
			t.Errorf("result %+v after %v", r, took)
		}
	})
}

// A write that fails is tried again, until the record takes it.
func TestWriterTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWriter(quiet)
		tries := 0
		w.write("", func(context.Context) error {
			if tries++; tries < 3 {
				return errors.New("away")
			}
			return nil
		})
		w.close(time.Minute)
		if tries != 3 {
			t.Errorf("%d tries", tries)
		}
	})
}

// What a leader that leaves has decided comes into the record: the next one goes on from there.
func TestLeaveWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &term{hub: newHub(4), writer: newWriter(quiet)}
		var written atomic.Int32
		for range 3 {
			c.writer.write("", func(ctx context.Context) error {
				select {
				case <-time.After(100 * time.Millisecond):
					written.Add(1)
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
		}
		_ = c.stepDown(errors.New("it leaves"), leavePatience)
		if n := written.Load(); n != 3 {
			t.Errorf("%d of 3 writes came into the record of a leader that leaves", n)
		}
	})
}

// A record that is away does not hold up the end for long.
func TestWriterGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWriter(quiet)
		w.write("", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		began := time.Now()
		w.close(time.Second)
		if took := time.Since(began); took != time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// A write that is refused because we do not lead is news for the term, and is
// tried again: the lead may be regained.
func TestWriterFenced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWriter(quiet)
		var leads, written atomic.Bool
		w.write("", func(context.Context) error {
			if !leads.Load() {
				return ErrNotLeader
			}
			written.Store(true)
			return nil
		})
		<-w.fenced
		synctest.Wait()
		leads.Store(true)
		w.close(time.Minute)
		if !written.Load() {
			t.Error("the entry is lost")
		}
	})
}
