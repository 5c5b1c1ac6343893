package web

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
)

// policy lets the page load from its own server only. The vendored charts set
// styles through the object model, which needs no 'unsafe-inline'.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// guard sets the headers that every answer carries, refuses what the page
// never needs, and turns a panic into an answer.
func (s *Site) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w = packable(w, r)
		defer s.recovered(w, r)
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if name := hostName(r.Host); overLoopback(r) && !namesLoopback(name) && !s.allowed(name) {
			writeError(w, http.StatusMisdirectedRequest, fmt.Sprintf(
				"host %q is not this machine's own name for itself; use %s; for a proxy that passes its own name on, start with --status-host %s",
				r.Host, s.allowedText(), cmp.Or(name, "NAME")))
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead && !(r.Method == http.MethodPost && r.URL.Path == picturePath) {
			h.Set("Allow", "GET, HEAD")
			writeError(w, http.StatusMethodNotAllowed, fmt.Sprintf(
				"method %q is not allowed; the status page is read-only: GET, HEAD", r.Method))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// recovered answers 500 when a handler panicked, so that one bad status does
// not look like a lost coordinator. net/http's own abort passes on.
func (s *Site) recovered(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	s.log.Error("status page: request failed", "path", r.URL.Path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	writeError(w, http.StatusInternalServerError, "the status could not be read; the coordinator's log says why")
}

// overLoopback reports whether the connection arrived at a loopback address.
// That is asked of the connection and not of the listener: one bound to every
// address is reached over loopback too.
func overLoopback(r *http.Request) bool {
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && addr.IP.IsLoopback()
}

// hostName is a Host header without its port and brackets.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}

// namesLoopback reports whether a name is of the loopback interface in a way
// that no name server has a say in.
func namesLoopback(name string) bool {
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.IsLoopback()
}

// allowed reports whether whoever started the coordinator gave the name.
func (s *Site) allowed(name string) bool {
	return slices.ContainsFunc(s.hosts, func(h string) bool { return strings.EqualFold(h, name) })
}

func (s *Site) allowedText() string {
	names := append(slices.Clone(s.hosts), "localhost", "127.0.0.1")
	return strings.Join(names, ", ") + " or [::1]"
}
