package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// link is a stream to the coordinator that leads, after its welcome.
type link struct {
	addr    string
	conn    connection
	stream  api.Coordinator_WorkClient
	welcome *api.Welcome
	cancel  context.CancelFunc
}

// RefusedError is the coordinator's answer to a worker that it will not have,
// or will have Later.
type RefusedError struct {
	Coordinator, Reason string
	Later               bool
	Part                bool // the others went on without it
}

func (e *RefusedError) Error() string {
	if e.Later {
		return fmt.Sprintf("coordinator %s has this worker wait: %s", e.Coordinator, e.Reason)
	}
	return fmt.Sprintf("coordinator %s refuses this worker: %s", e.Coordinator, e.Reason)
}

// dial opens a stream, says hello and waits for the welcome. The link outlives
// ctx, which bounds that alone, as patience does.
func dial(ctx context.Context, addr string, call caller, hello *api.Hello, patience time.Duration) (*link, error) {
	conn, err := call(addr)
	if err != nil {
		return nil, &finalError{fmt.Errorf("coordinator %s: %w", addr, err)}
	}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	l := &link{addr: addr, conn: conn, cancel: cancel}
	bounded, done := context.WithTimeoutCause(ctx, patience, fmt.Errorf("coordinator %s does not answer within %v", addr, patience))
	defer done()
	stop := context.AfterFunc(bounded, cancel)
	err = l.join(life, hello)
	if !stop() && err != nil { // it was we who gave up
		err = context.Cause(bounded)
	}
	if err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *link) join(ctx context.Context, hello *api.Hello) error {
	var err error
	if l.stream, err = l.client().Work(ctx, grpc.WaitForReady(false)); err != nil {
		return l.wrap(err)
	}
	if err := l.stream.Send(&api.FromWorker{Message: &api.FromWorker_Hello{Hello: hello}}); err != nil && !errors.Is(err, io.EOF) {
		return l.wrap(err) // after io.EOF the reason waits on the receiving side
	}
	m, err := l.stream.Recv()
	if err != nil {
		return l.wrap(err)
	}
	switch m := m.Message.(type) {
	case *api.ToWorker_Welcome:
		l.welcome = m.Welcome
		return nil
	case *api.ToWorker_Follow:
		return &elsewhereError{l.addr, m.Follow.Leader}
	case *api.ToWorker_Refused:
		return &RefusedError{l.addr, m.Refused.Reason, m.Refused.Later, m.Refused.Part}
	case *api.ToWorker_End:
		return &EndError{Reason: m.End.Reason, Code: int(m.End.ExitCode)}
	default:
		return &finalError{fmt.Errorf("coordinator %s answers the hello with %T", l.addr, m)}
	}
}

func (l *link) client() api.CoordinatorClient { return api.NewCoordinatorClient(l.conn) }

// wrap says what an error of the stream means. A certificate that one end does
// not accept will not do at the next try either.
func (l *link) wrap(err error) error {
	st, ok := status.FromError(err)
	switch {
	case ok && (st.Code() == codes.InvalidArgument || st.Code() == codes.PermissionDenied):
		return &finalError{fmt.Errorf("coordinator %s: %w", l.addr, err)}
	case !ok || st.Code() != codes.Unavailable:
		return fmt.Errorf("coordinator %s: %w", l.addr, err)
	}
	text := fmt.Errorf("coordinator %s cannot be reached: %s", l.addr, st.Message())
	host, _, _ := net.SplitHostPort(l.addr)
	said := strings.ReplaceAll(st.Message(), host, "") // its name may have such a word in it
	for _, sign := range []string{"certificate", "tls:", "x509", "identity:"} {
		if strings.Contains(said, sign) {
			return &finalError{text}
		}
	}
	return text
}

func (l *link) close() {
	l.cancel()
	_ = l.conn.Close()
}
