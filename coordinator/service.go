package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/identity"
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
	if other, ok := errors.AsType[*elsewhere](err); ok {
		_ = ws.Send(&api.ToWorker{Message: &api.ToWorker_Follow{Follow: &api.Follow{Leader: other.leader}}})
	}
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
				t.post(workerLost{st.conn, streamEnd(st, err), st.failure() != nil})
			}
			return
		}
		if a := m.GetInspected(); a != nil {
			t.inspections.answered(st.conn, a)
			continue
		}
		if a := m.GetRecalled(); a != nil {
			t.recalls.answered(st.conn, a)
			continue
		}
		if m.GetNetwork() != nil || m.GetHealth() != nil {
			t.seen(st.conn, m)
			continue
		}
		if f := m.GetWaterfall(); f != nil {
			t.fell(st.conn, f)
			continue
		}
		e := eventOf(st.conn, m)
		if joins, ok := e.(workerJoined); ok {
			hello = false
			close(greeted)
			if err := peerMay(ws.Context(), identity.MayWork(joins.Hello.GetName())); err != nil {
				joins.Barred = err.Error()
				e = joins
			}
		}
		if !t.post(e) {
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
	if err := s.permit(ctx, "stop", identity.MaySteer); err != nil {
		return nil, err
	}
	message, err := s.ask(ctx, stopAsked{reasonOr(r.GetReason(), "asked from outside"), whenOf(r.GetAt())})
	return &api.StopReply{Message: message}, err
}

func (s *service) Checkpoint(ctx context.Context, r *api.CheckpointRequest) (*api.CheckpointReply, error) {
	if err := s.permit(ctx, "checkpoint", identity.MaySteer); err != nil {
		return nil, err
	}
	message, err := s.ask(ctx, checkpointAsked{"asked from outside", whenOf(r.GetAt())})
	return &api.CheckpointReply{Message: message}, err
}

func (s *service) Rate(ctx context.Context, r *api.RateRequest) (*api.RateReply, error) {
	if err := s.permit(ctx, "lr", identity.MaySteer); err != nil {
		return nil, err
	}
	message, err := s.ask(ctx, rateAsked{r.GetLr(), "asked from outside", whenOf(r.GetAt())})
	return &api.RateReply{Message: message}, err
}

func whenOf(w *api.When) when { return when{w.GetSteps(), w.GetAhead()} }

func (s *service) Scale(ctx context.Context, r *api.ScaleRequest) (*api.ScaleReply, error) {
	if err := s.permit(ctx, "scale", identity.MaySteer); err != nil {
		return nil, err
	}
	message, err := s.ask(ctx, scaleAsked{Workers: int(r.GetWorkers())})
	return &api.ScaleReply{Message: message}, err
}

// permit refuses a caller whose certificate does not permit what it asks for.
func (s *service) permit(ctx context.Context, what string, may identity.Permission) error {
	err := peerMay(ctx, may)
	if err == nil {
		return nil
	}
	s.c.cfg.Log.Warn("a request was refused", "request", what, "reason", err)
	return faultf(faultForbidden, "%v", err)
}

// peerMay asks for a permission of whoever called.
func peerMay(ctx context.Context, may identity.Permission) error {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return errors.New("the caller is unknown")
	}
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok {
		return errors.New("the caller came without TLS")
	}
	return identity.PeerMay(info.State, may)
}

// ask gives the leader an event and returns what was decided.
func (s *service) ask(ctx context.Context, e event) (string, error) {
	t, err := s.c.leading(ctx)
	if err != nil {
		return "", err
	}
	if t.doubt.Load() {
		return "", faultf(faultAway, "the lead is in doubt: the record is away, and another coordinator may lead; try again, there too")
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
	faultForbidden: codes.PermissionDenied,
}

// GRPCStatus is how gRPC asks an error what it is.
func (f *fault) GRPCStatus() *status.Status { return status.New(codesOf[f.kind], f.text) }

// GRPCStatus is how gRPC asks an error what it is.
func (e *elsewhere) GRPCStatus() *status.Status {
	return status.New(codes.FailedPrecondition, e.Error())
}

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
