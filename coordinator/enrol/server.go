package enrol

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/allreduce/admission"
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/token"
)

// ErrUnknown says that there is no token of an ID.
var ErrUnknown = errors.New("no such token")

// ErrUsed says that as many have joined by a token as may.
var ErrUsed = errors.New("as many as may have joined by this token")

// names are those that certificates are issued to.
var names = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// Server issues certificates. Its methods may be called by several goroutines.
type Server struct {
	Authority *identity.Authority
	// Find returns a token by its ID, or an error that is ErrUnknown.
	Find func(ctx context.Context, id string) (token.Record, error)
	// Use counts that the process of a name joins by a token that only so many may use; nil: there are no such tokens. An error
	// that is ErrUsed says that it was one too many.
	Use  func(ctx context.Context, t token.Record, name string) error
	Life time.Duration // of a certificate
	Now  func() time.Time
	Log  *slog.Logger

	guesses guesses
}

// Offer makes of the configuration of a port, which asks for certificates, one that lets this protocol in without.
func Offer(creds *identity.Credentials) *tls.Config {
	config := creds.Server()
	inner := config.GetConfigForClient
	config.GetConfigForClient = func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		if slices.Contains(h.SupportedProtos, Protocol) {
			return joining(creds), nil
		}
		if inner != nil {
			return inner(h)
		}
		return nil, nil
	}
	return config
}

// joining is the configuration for this protocol alone.
func joining(creds *identity.Credentials) *tls.Config {
	config := creds.Server()
	config.GetConfigForClient = nil
	config.NextProtos = []string{Protocol}
	config.ClientAuth = tls.VerifyClientCertIfGiven
	verify := config.VerifyConnection
	config.VerifyConnection = func(s tls.ConnectionState) error {
		if len(s.PeerCertificates) == 0 {
			return nil
		}
		return verify(s)
	}
	return config
}

// Serve speaks with whoever is at the other end of a connection, and closes it. The error says why there was no
// certificate. The connection's deadline is the caller's.
func (s *Server) Serve(ctx context.Context, conn net.Conn, state tls.ConnectionState) error {
	defer conn.Close()
	l := linesOf(conn)
	var h hello
	if err := l.receive(&h); err != nil {
		return fmt.Errorf("joining by token: %w", err)
	}
	group := admission.GroupOf(conn.RemoteAddr())
	var g grant
	var err error
	if len(h.Renew) > 0 {
		g, err = s.renew(ctx, state, h)
	} else {
		g, err = s.admit(ctx, l, state, h, group)
	}
	if no, ok := errors.AsType[*refused](err); ok {
		_ = l.send(grant{refusal: no.refusal})
		_ = drain(l.in) // a connection that is closed with something unread may lose what was sent
	}
	if err != nil {
		return fmt.Errorf("joining by token: %w", err)
	}
	return l.send(g)
}

// refused is an error that the other side is told.
type refused struct{ refusal }

func (r *refused) Error() string { return r.Refused }

func refuse(later bool, format string, args ...any) error {
	return &refused{refusal{fmt.Sprintf(format, args...), later}}
}

// admit has both sides prove the secret, and issues a certificate.
func (s *Server) admit(ctx context.Context, l *lines, state tls.ConnectionState, h hello, group string) (grant, error) {
	if len(h.Nonce) != nonceBytes || !names.MatchString(h.Name) || len(h.Token) > 40 {
		return grant{}, refuse(false, "token %.40q, name %.80q, a nonce of %d bytes: want a token's ID, a name of letters, digits, '.', '_' and '-', and %d bytes",
			h.Token, h.Name, len(h.Nonce), nonceBytes)
	}
	now := s.Now()
	if wait := s.guesses.wait(group, now); wait > 0 {
		return grant{}, refuse(true, "too many wrong proofs came from this address; try again in %v", wait.Round(time.Second))
	}
	record, err := s.Find(ctx, h.Token)
	if err == nil {
		err = record.Valid(now)
		if err != nil {
			err = refuse(false, "%v", err)
		}
	} else if errors.Is(err, ErrUnknown) {
		s.guesses.wrong(group, now)
		err = refuse(false, "there is no token %s here: it was never made in this cluster, or was revoked or expired long ago; ask for a new one", h.Token)
	} else {
		err = unreadable(err)
	}
	if err != nil {
		return grant{}, err
	}
	key := token.Key(record.Key)
	a := answer{Nonce: newNonce(), Authority: s.Authority.PEM()}
	if a.Proof, err = prove(key, byCoordinator, state, h.Nonce, a.Nonce, a.Authority); err != nil {
		return grant{}, err
	}
	if err := l.send(a); err != nil {
		return grant{}, err
	}
	var r request
	if err := l.receive(&r); errors.Is(err, io.EOF) {
		return grant{}, fmt.Errorf("whoever showed token %s did not take our proof of its secret: it has another secret, or was told another authority", h.Token)
	} else if err != nil {
		return grant{}, err
	}
	if ok, err := proven(r.Proof, key, byWorker, state, h.Nonce, a.Nonce, a.Authority, r.Request, []byte(h.Name)); err != nil {
		return grant{}, err
	} else if !ok {
		s.guesses.wrong(group, now)
		return grant{}, refuse(false, "the secret of token %s is another", h.Token)
	}
	if err := s.use(ctx, record, h.Name); err != nil {
		return grant{}, err
	}
	return s.sign(r.Request, h.Name, append(rolesOf(record.Role, h.Name), identity.ByToken(record.ID)), "token "+record.ID)
}

// unreadable is an error of the record. Why is for the log alone: it may name files and hosts.
func unreadable(err error) error {
	return fmt.Errorf("%w: %w", refuse(true, "tokens cannot be read now; the coordinator's log says why"), err)
}

// use counts a process that joins.
func (s *Server) use(ctx context.Context, record token.Record, name string) error {
	if record.Uses == 0 || s.Use == nil {
		return nil
	}
	err := s.Use(ctx, record, name)
	if errors.Is(err, ErrUsed) {
		return refuse(false, "as many processes as may (%d) have joined by token %s: ask for a new one", record.Uses, record.ID)
	}
	if err != nil {
		return unreadable(err)
	}
	return nil
}

// rolesOf are the names in the certificate of a token's holder.
func rolesOf(role token.Role, name string) []string {
	if role == token.Operator {
		return []string{identity.OperatorRole}
	}
	return []string{identity.NamedWorker(name)}
}

// renew issues a certificate like the one that was shown, unless the token by which that came was revoked. One that has expired
// since, and may be forgotten, is no reason.
func (s *Server) renew(ctx context.Context, state tls.ConnectionState, h hello) (grant, error) {
	if len(state.PeerCertificates) == 0 {
		return grant{}, refuse(false, "a certificate is renewed for whoever shows it; join with a token")
	}
	shown := state.PeerCertificates[0]
	if identity.MayCoordinate(shown) == nil {
		return grant{}, refuse(false, "coordinators make their certificates themselves")
	}
	if id := identity.TokenOf(shown); id != "" {
		record, err := s.Find(ctx, id)
		switch {
		case err == nil && !record.Revoked.IsZero():
			return grant{}, refuse(false, "its certificate is not renewed: %v", record.Valid(s.Now()))
		case err != nil && !errors.Is(err, ErrUnknown):
			return grant{}, unreadable(err)
		}
	}
	var roles []string
	for _, name := range shown.DNSNames {
		if !strings.EqualFold(name, identity.Role) {
			roles = append(roles, name)
		}
	}
	return s.sign(h.Renew, shown.Subject.CommonName, roles, "its certificate")
}

func (s *Server) sign(csr []byte, name string, roles []string, by string) (grant, error) {
	cert, err := s.Authority.Sign(csr, name, s.Now(), s.Life, roles...)
	if err != nil {
		return grant{}, refuse(false, "%v", err)
	}
	s.Log.Info("a certificate was issued", "name", name, "by", by, "for", s.Life)
	return grant{Certificate: cert, Authority: s.Authority.PEM()}, nil
}

// drain reads what little may still come, until the other side closes.
func drain(r io.Reader) error {
	_, err := io.CopyN(io.Discard, r, maxLine)
	return err
}
