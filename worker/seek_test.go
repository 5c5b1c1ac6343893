package worker

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// lateCoordinator is a connection to one whose port answers from a time on. Before, it refuses, or is silent: then the
// system knocks at once, after one second, and after three.
type lateCoordinator struct {
	simDialer
	from   time.Time
	silent bool
}

func (c *lateCoordinator) NewStream(ctx context.Context, _ *grpc.StreamDesc, _ string, _ ...grpc.CallOption) (grpc.ClientStream, error) {
	for _, wait := range []time.Duration{0, time.Second, 2 * time.Second, time.Hour} {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if !time.Now().Before(c.from) {
			return &slowWelcome{ctx: ctx}, nil
		}
		if !c.silent {
			break
		}
	}
	return nil, status.Error(codes.Unavailable, `connection error: desc = "transport: Error while dialing: dial tcp 10.0.0.7:8781: connect: connection refused"`)
}

// beforeIts is a worker whose coordinator's name is known after a minute, and whose port answers after another.
func beforeIts(silent bool) (w *worker, text *bytes.Buffer) {
	begun := time.Now()
	text = &bytes.Buffer{}
	w = &worker{cfg: Config{Coordinators: []string{"coordinator.certificates.test:8781"}, Outlives: true, Log: slog.New(slog.NewTextHandler(text, nil))}}
	w.cfg.outside.lookup = func(_ context.Context, host string) ([]string, error) {
		if time.Since(begun) < time.Minute {
			return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		}
		return []string{"10.0.0.7"}, nil
	}
	w.cfg.outside.call = func(string) (connection, error) {
		return &lateCoordinator{from: begun.Add(2 * time.Minute), silent: silent}, nil
	}
	return w, text
}

func (w *worker) seeks(ctx context.Context) (*link, error) {
	s := w.newSession(ctx, func(error) {})
	s.seek.hint, s.seek.hello = func() string { return "" }, func(string) (*api.Hello, error) { return &api.Hello{}, nil }
	return s.seek.find(ctx, 0, "waiting for a coordinator that leads")
}

// A worker may be started long before its coordinator's name is known and before the port answers. It says so seldom, and
// joins soon after.
func TestSeekBeforeTheName(t *testing.T) {
	for silent, soon := range map[bool]time.Duration{false: time.Second, true: 2500 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now()
			w, text := beforeIts(silent)
			l, err := w.seeks(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			l.close()
			if late := time.Since(begun) - 2*time.Minute; late < 0 || late > soon {
				t.Errorf("silent: %v; it joins %v after the port answers, want within %v", silent, late, soon)
			}
			lines := strings.Split(strings.TrimSpace(text.String()), "\n")
			if len(lines) > 5 || !strings.Contains(lines[0], "no such host") {
				t.Errorf("silent: %v; %d lines in two minutes:\n%s", silent, len(lines), text)
			}
		})
	}
}

// Whoever is told to leave while it looks for its coordinator leaves at once.
func TestSeekIsLeft(t *testing.T) {
	asked := errors.New("asked to leave")
	for _, after := range []time.Duration{time.Second, 59800 * time.Millisecond, 61700 * time.Millisecond, 118 * time.Second} {
		for _, silent := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				w, _ := beforeIts(silent)
				ctx, leave := context.WithCancelCause(t.Context())
				var told time.Time
				time.AfterFunc(after, func() {
					told = time.Now()
					leave(asked)
				})
				if _, err := w.seeks(ctx); !errors.Is(err, asked) || time.Since(told) > 0 {
					t.Errorf("asked after %v, it ends %v later: %v", after, time.Since(told), err)
				}
			})
		}
	}
}

// A host's name that has the word certificate in it makes no trouble of certificates.
func TestSeekNames(t *testing.T) {
	l := &link{addr: "coordinator.certificates.test:8781"}
	for message, final := range map[string]bool{
		"name resolver error: lookup coordinator.certificates.test on 10.96.0.10:53: no such host":                             false,
		`connection error: desc = "transport: authentication handshake failed: tls: failed to verify certificate: x509: who?"`: true,
	} {
		if _, is := errors.AsType[*finalError](l.wrap(status.Error(codes.Unavailable, message))); is != final {
			t.Errorf("%s: final is %v", message, is)
		}
	}
}
