package enrol

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"time"

	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/token"
)

// Times between tries.
const (
	retryFirst = 200 * time.Millisecond
	retryMost  = time.Second      // while there is no certificate at all
	renewMost  = 30 * time.Second // while there is one
	sayEvery   = time.Minute
)

// Member joins coordinators with a token, and keeps the certificate from expiring.
type Member struct {
	Addresses []string // host:port of coordinators
	// Token reads the token; a file may hold another one after a while.
	Token func() (token.Token, error)
	Name  string // of the worker, or of whom an operator is
	Log   *slog.Logger
	Once  bool // Join tries each coordinator once, and does not wait

	Lookup func(ctx context.Context, host string) ([]string, error)          // addresses of a name; nil: the system's name server
	Dial   func(ctx context.Context, network, addr string) (net.Conn, error) // nil: the network
	Now    func() time.Time                                                  // nil: the system's clock

	creds *identity.Credentials
	grant *identity.Grant
}

// Join waits for a coordinator and joins it. It fails when all that answer say no, or are not who they should be.
func (m *Member) Join(ctx context.Context) (*identity.Credentials, error) {
	if m.Lookup == nil {
		m.Lookup = net.DefaultResolver.LookupHost
	}
	if m.Dial == nil {
		m.Dial = (&net.Dialer{}).DialContext
	}
	if m.Now == nil {
		m.Now = time.Now
	}
	var said time.Time
	for wait := retryFirst; ; wait = min(2*wait, retryMost) {
		g, err := m.byToken(ctx)
		if err == nil {
			m.grant = g
			m.creds, err = identity.NewCredentials("the certificate by token", g, m.Now)
			return m.creds, err
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if m.Once || final(err) {
			return nil, err
		}
		if now := m.Now(); said.IsZero() || now.Sub(said) >= sayEvery {
			said = now
			m.Log.Info("waits for a coordinator to join by token", "coordinators", m.Addresses, "last", err)
		}
		if !sleep(ctx, wait) {
			return nil, context.Cause(ctx)
		}
	}
}

// final says that trying again would come to the same.
func final(err error) bool {
	if no, ok := errors.AsType[*RefusedError](err); ok {
		return !no.Later
	}
	_, authority := errors.AsType[*AuthorityError](err)
	_, secret := errors.AsType[*SecretError](err)
	_, file := errors.AsType[*fileError](err)
	return authority || secret || file
}

// Answered says whether an error of Join is what a coordinator answered, or shows that it is another's: not that none did.
func Answered(err error) bool {
	_, no := errors.AsType[*RefusedError](err)
	return no || final(err)
}

// fileError says that the token cannot be read.
type fileError struct{ error }

func (e *fileError) Unwrap() error { return e.error }

// byToken tries all coordinators, and returns the most telling error when none gives a certificate.
func (m *Member) byToken(ctx context.Context) (*identity.Grant, error) {
	t, err := m.Token()
	if err != nil {
		return nil, &fileError{err}
	}
	return m.each(ctx, func(addr string) (*identity.Grant, error) {
		return withToken(ctx, m.connect, addr, t, m.Name, m.Now)
	})
}

func (m *Member) each(ctx context.Context, try func(addr string) (*identity.Grant, error)) (*identity.Grant, error) {
	var worst error
	for _, addr := range m.Addresses {
		g, err := try(addr)
		if err == nil {
			return g, nil
		}
		if worst == nil || final(err) && !final(worst) {
			worst = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, worst
}

// byCertificate renews.
func (m *Member) byCertificate(ctx context.Context) (*identity.Grant, error) {
	if end := m.creds.Expires(); !m.Now().Before(end) {
		return nil, fmt.Errorf("it expired at %s", end.UTC().Format(time.RFC3339))
	}
	return m.each(ctx, func(addr string) (*identity.Grant, error) {
		config := m.creds.Client(identity.MayCoordinate)
		config.NextProtos = []string{Protocol}
		return exchange(ctx, m.connect, addr, config, func(l *lines, _ tls.ConnectionState) (*identity.Grant, error) {
			req, err := identity.NewRequest()
			if err != nil {
				return nil, err
			}
			var g grant
			if err := ask(addr, l, hello{Renew: req.DER}, &g, &g.refusal); err != nil {
				return nil, err
			}
			return req.Take(g.Certificate, g.Authority, m.Now())
		})
	})
}

// Keep renews the certificate whenever two thirds of its life are over, and joins by token again when coordinators have
// another authority, until ctx is done. It is called after Join.
func (m *Member) Keep(ctx context.Context) {
	for {
		timer := time.NewTimer(m.grant.Renewal().Sub(m.Now()))
		doubted := false
		select {
		case <-timer.C:
		case <-m.creds.Doubted():
			doubted = true
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
		m.renew(ctx, doubted)
		if doubted { // a stranger at an address of ours may be dialled again and again
			sleep(ctx, renewMost)
		}
	}
}

// renew tries until there is another certificate.
func (m *Member) renew(ctx context.Context, doubted bool) {
	var said time.Time
	for wait := retryFirst; ctx.Err() == nil; wait = min(2*wait, renewMost) {
		g, err := m.again(ctx, doubted)
		if err == nil {
			err = m.creds.Replace(g)
		}
		if err == nil {
			m.grant = g
			m.Log.Info("the certificate was renewed", "until", g.Expires().UTC().Format(time.RFC3339))
			return
		}
		if now := m.Now(); ctx.Err() == nil && (said.IsZero() || now.Sub(said) >= sayEvery) {
			said = now
			m.Log.Warn("the certificate is not renewed yet", "until", m.grant.Expires().UTC().Format(time.RFC3339), "reason", err)
		}
		if !sleep(ctx, wait) {
			return
		}
	}
}

// again asks for a certificate by the one there is, and by token where that cannot do. In doubt the token is first: but
// whoever had another authority may have been no coordinator of ours.
func (m *Member) again(ctx context.Context, doubted bool) (*identity.Grant, error) {
	type way struct {
		name string
		ask  func(context.Context) (*identity.Grant, error)
	}
	ways := []way{{"by certificate", m.byCertificate}, {"by token", m.byToken}}
	if doubted {
		slices.Reverse(ways)
	}
	var errs []error
	for _, w := range ways {
		g, err := w.ask(ctx)
		if err == nil {
			return g, nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", w.name, err))
	}
	return nil, errors.Join(errs...)
}

// sleep waits, and says whether ctx is not done.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
