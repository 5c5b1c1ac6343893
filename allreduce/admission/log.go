package admission

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// A port logs at most so many refusals in each span of time, and counts the rest.
const (
	linesEach = 5
	linesSpan = 10 * time.Second
)

// lines writes refusals to a log.
type lines struct {
	log *slog.Logger

	mu      sync.Mutex
	written int // in this span
	dropped int
}

// refused logs a refusal; a quiet one at debug.
func (l *lines) refused(quiet bool, peer string, err error) {
	level := slog.LevelWarn
	if quiet {
		level = slog.LevelDebug
	} else if !l.take() {
		return
	}
	attrs := []any{"peer", peer, "reason", err}
	if what := advice(err); what != "" {
		attrs = append(attrs, "advice", what)
	}
	l.log.Log(context.Background(), level, "a connection was refused", attrs...)
}

// take says whether a line may be written now.
func (l *lines) take() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.written == 0 {
		time.AfterFunc(linesSpan, l.endSpan)
	}
	if l.written == linesEach {
		l.dropped++
		return false
	}
	l.written++
	return true
}

func (l *lines) endSpan() {
	l.mu.Lock()
	dropped := l.dropped
	l.written, l.dropped = 0, 0
	l.mu.Unlock()
	if dropped > 0 {
		l.log.Warn("more connections were refused", "count", dropped, "within", linesSpan)
	}
}

// advice says what to do about a peer that TLS has refused; empty when the
// error says it all.
func advice(err error) string {
	switch text := err.Error(); {
	case isA[tls.RecordHeaderError](err):
		return "it does not speak TLS: keep plain clients and health checks off this port"
	case isA[x509.UnknownAuthorityError](err):
		return "all processes of a run need certificates of one authority: look at its --tls-ca and --tls-cert"
	case isA[x509.CertificateInvalidError](err):
		return "issue it a new certificate, or set its clock and ours"
	case isA[tls.AlertError](err), strings.Contains(text, "remote error: tls"):
		return "the peer does not accept our certificate: look at its --tls-ca and our --tls-cert"
	case strings.Contains(text, "didn't provide a certificate"):
		return "it shows no certificate: give it --tls-cert and --tls-key"
	case strings.Contains(text, "unsupported versions"):
		return "it speaks no TLS 1.3: use a newer client"
	}
	return ""
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
