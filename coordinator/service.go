package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// helloPatience is how long a new stream may take to say hello.
const helloPatience = 10 * time.Second

// service answers gRPC calls. It knows nothing of runs: it turns messages into
// events for the term that leads, and queues what the term sends.
type service struct {
	api.UnimplementedCoordinatorServer
	c *Coordinator
}

// Work serves one worker's stream with three goroutines: this one waits for
// the end, one reads, one writes. Returning ends the other two.
func (s *service) Work(ws api.Coordinator_WorkServer) error {
	t, err := s.c.leading(ws.Context())
	if err != nil {
		return err
	}
	st, end, err := t.hub.open()
	if err != nil {
		return err
	}
	if end != nil {
		return ws.Send(&api.ToWorker{Message: &api.ToWorker_End{End: end}})
	}
	defer t.hub.drop(st)
	greeted := make(chan struct{})
	go t.read(ws, st, greeted)
	go func() {
		select {
		case <-greeted:
		case <-st.gone:
		case <-ws.Context().Done():
		case <-time.After(helloPatience):
			st.fail(faultf(faultLate, "no hello within %v", helloPatience))
		}
	}()
	written := make(chan error, 1)
	go func() { written <- write(ws, st) }()
	select {
	case err := <-written:
		return err
	case <-st.gone:
		return st.failure()
	}
}

// write empties a stream's queue until it is closed.
func write(ws api.Coordinator_WorkServer, st *stream) error {
	for {
		select {
		case m, open := <-st.out:
			if !open {
				return nil
			}
			if err := ws.Send(m); err != nil {
				return err
			}
		case <-ws.Context().Done():
			return ws.Context().Err()
		}
	}
}

// read turns a stream's messages into events until it ends, which is an event
// too. A message that cannot be right ends the stream.
func (t *term) read(ws api.Coordinator_WorkServer, st *stream, greeted chan<- struct{}) {
	hello := true
	for {
		m, err := ws.Recv()
		if err == nil {
			err = checkMessage(m, t.plan.Steps)
			if is := m.GetHello() != nil; err == nil && is != hello {
				err = fmt.Errorf("a worker says hello once, and first")
			}
			if err != nil {
				st.fail(faultf(faultMalformed, "%s", err.Error()))
			}
		}
		if err != nil {
			if !hello {
				t.post(workerLost{st.conn, streamEnd(st, err)})
			}
			return
		}
		if hello {
			hello = false
			close(greeted)
		}
		if !t.post(eventOf(st.conn, m)) {
			return
		}
	}
}

// streamEnd says in people's words why a stream ended.
func streamEnd(st *stream, err error) string {
	if own := st.failure(); own != nil {
		return own.Error()
	}
	switch {
	case errors.Is(err, io.EOF):
		return "it closed its stream"
	case status.Code(err) == codes.Canceled:
		return "its connection broke"
	}
	return status.Convert(err).Message()
}

func (s *service) Status(ctx context.Context, _ *api.StatusRequest) (*api.StatusReply, error) {
	if _, err := s.c.leading(ctx); err != nil {
		return nil, err
	}
	text, err := json.Marshal(s.c.Status())
	if err != nil {
		return nil, faultf(faultInternal, "status: %v", err)
	}
	return &api.StatusReply{Json: text}, nil
}

func (s *service) Stop(ctx context.Context, r *api.StopRequest) (*api.StopReply, error) {
	message, err := s.ask(ctx, stopAsked{Reason: reasonOr(r.GetReason(), "asked from outside")})
	return &api.StopReply{Message: message}, err
}

func (s *service) Checkpoint(ctx context.Context, _ *api.CheckpointRequest) (*api.CheckpointReply, error) {
	message, err := s.ask(ctx, checkpointAsked{Reason: "asked from outside"})
	return &api.CheckpointReply{Message: message}, err
}

// ask gives the leader an event and returns what was decided.
func (s *service) ask(ctx context.Context, e event) (string, error) {
	t, err := s.c.leading(ctx)
	if err != nil {
		return "", err
	}
	return t.ask(ctx, e)
}

// codesOf are the codes of faults on the wire.
var codesOf = map[faultKind]codes.Code{
	faultInternal:  codes.Internal,
	faultBusy:      codes.ResourceExhausted,
	faultLate:      codes.DeadlineExceeded,
	faultNotNow:    codes.FailedPrecondition,
	faultAway:      codes.Unavailable,
	faultOver:      codes.Aborted,
	faultMalformed: codes.InvalidArgument,
}

// GRPCStatus is how gRPC asks an error what it is.
func (f *fault) GRPCStatus() *status.Status { return status.New(codesOf[f.kind], f.text) }

// reasonOr bounds a reason from outside.
func reasonOr(reason, fallback string) string {
	const most = 200
	if reason == "" {
		return fallback
	}
	if len(reason) > most {
		reason = reason[:most]
	}
	return reason
}
