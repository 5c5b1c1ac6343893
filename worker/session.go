package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/identity"
)

// session is the worker's stream to the leading coordinator.
type session struct {
	addr   string
	conn   *grpc.ClientConn
	client api.CoordinatorClient
	stream api.Coordinator_WorkClient

	mu sync.Mutex // guards stream.Send
}

// dialCoordinator opens a stream to the coordinator that leads and says hello.
// It tries each address in turn; a refusal is final. tell completes the hello for
// the coordinator at addr.
func dialCoordinator(ctx context.Context, addrs []string, creds *identity.Credentials, hello *api.Hello,
	tell func(addr string) error) (*session, *api.Welcome, error) {
	var errs []error
	for _, addr := range addrs {
		if err := tell(addr); err != nil {
			return nil, nil, err
		}
		s, welcome, err := dialOne(ctx, addr, creds, hello)
		if err == nil {
			return s, welcome, nil
		}
		if _, refused := errors.AsType[*RefusedError](err); refused {
			return nil, nil, err
		}
		errs = append(errs, err)
	}
	return nil, nil, errors.Join(errs...)
}

// RefusedError is the coordinator's answer to a worker that it will not have.
type RefusedError struct{ Coordinator, Reason string }

func (e *RefusedError) Error() string {
	return fmt.Sprintf("coordinator %s refuses this worker: %s", e.Coordinator, e.Reason)
}

func dialOne(ctx context.Context, addr string, creds *identity.Credentials, hello *api.Hello) (*session, *api.Welcome, error) {
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(credentials.NewTLS(creds.Client(identity.MayCoordinate))))
	if err != nil {
		return nil, nil, fmt.Errorf("coordinator %s: %w", addr, err)
	}
	s := &session{addr: addr, conn: conn, client: api.NewCoordinatorClient(conn)}
	welcome, err := s.join(ctx, hello)
	if err != nil {
		conn.Close()
		return nil, nil, err
	}
	return s, welcome, nil
}

func (s *session) join(ctx context.Context, hello *api.Hello) (*api.Welcome, error) {
	stream, err := s.client.Work(ctx, grpc.WaitForReady(false))
	if err != nil {
		return nil, s.wrap(err)
	}
	s.stream = stream
	if err := s.send(&api.FromWorker{Message: &api.FromWorker_Hello{Hello: hello}}); err != nil {
		return nil, err
	}
	m, err := s.recv()
	if err != nil {
		return nil, err
	}
	switch m := m.Message.(type) {
	case *api.ToWorker_Welcome:
		return m.Welcome, nil
	case *api.ToWorker_Refused:
		return nil, &RefusedError{s.addr, m.Refused.Reason}
	case *api.ToWorker_End:
		return nil, &EndError{Reason: m.End.Reason, Code: int(m.End.ExitCode)}
	default:
		return nil, fmt.Errorf("coordinator %s answers the hello with %T", s.addr, m)
	}
}

// send may be called from any goroutine.
func (s *session) send(m *api.FromWorker) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.stream.Send(m)
	if errors.Is(err, io.EOF) { // the reason waits on the receiving side
		return fmt.Errorf("coordinator %s has closed the stream", s.addr)
	}
	return s.wrap(err)
}

func (s *session) recv() (*api.ToWorker, error) {
	m, err := s.stream.Recv()
	return m, s.wrap(err)
}

func (s *session) wrap(err error) error {
	if err == nil {
		return nil
	}
	if st, ok := status.FromError(err); ok && st.Code() == codes.Unavailable {
		return fmt.Errorf("coordinator %s cannot be reached: %s", s.addr, st.Message())
	}
	return fmt.Errorf("coordinator %s: %w", s.addr, err)
}

func (s *session) close() {
	s.mu.Lock()
	_ = s.stream.CloseSend()
	s.mu.Unlock()
	s.conn.Close()
}
