package web

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
)

var everyPath = []string{"/", "/static/main.js", "/api/status", "/api/series", "/metrics", "/healthz", "/readyz", "/none"}

func TestMethods(t *testing.T) {
	h := handlerOf(&fixed{})
	for _, path := range everyPath {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "ODD"} {
			w := ask(h, method, path)
			if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: %d, Allow %q", method, path, w.Code, w.Header().Get("Allow"))
			}
		}
	}
}

func TestHeaders(t *testing.T) {
	h := handlerOf(&fixed{})
	for _, path := range everyPath {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			w := ask(h, method, path)
			csp := w.Header().Get("Content-Security-Policy")
			if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
				t.Errorf("%s %s: policy %q", method, path, csp)
			}
			if w.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s %s: sniffing is allowed", method, path)
			}
			if w.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s %s: other origins may read", method, path)
			}
		}
	}
}

func TestCaching(t *testing.T) {
	h := handlerOf(&fixed{})
	for _, path := range []string{"/", "/static/main.js", "/static/vendor/uplot/uPlot.min.css"} {
		first := ask(h, "GET", path)
		tag := first.Header().Get("ETag")
		if tag == "" || first.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: ETag %q, Cache-Control %q", path, tag, first.Header().Get("Cache-Control"))
		}
		again := ask(h, "GET", path, func(r *http.Request) { r.Header.Set("If-None-Match", tag) })
		if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%s again: %d with %d bytes", path, again.Code, again.Body.Len())
		}
		other := ask(h, "GET", path, func(r *http.Request) { r.Header.Set("If-None-Match", `"other"`) })
		if other.Code != http.StatusOK || other.Body.Len() == 0 {
			t.Errorf("%s with another tag: %d with %d bytes", path, other.Code, other.Body.Len())
		}
	}
	for _, path := range []string{"/api/status", "/api/series", "/healthz", "/readyz"} {
		if got := ask(h, "GET", path).Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q", path, got)
		}
	}
}

// over gives a request as it arrives at a local address, for a host.
func over(local, host string) func(*http.Request) {
	return func(r *http.Request) {
		r.Host = host
		addr := &net.TCPAddr{IP: net.ParseIP(local), Port: 7070}
		*r = *r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(addr)))
	}
}

// A proxy on this machine passes its own name on: that is refused, with what to
// do about it, unless the name was given.
func TestHosts(t *testing.T) {
	w := ask(New(&fixed{}, Options{Hosts: []string{"other.example.org"}}), "GET", "/api/status", over("127.0.0.1", "Rondo.example.org:443"))
	if w.Code != 421 || !strings.Contains(w.Body.String(), "--status-host Rondo.example.org") || !strings.Contains(w.Body.String(), "use other.example.org, localhost") {
		t.Errorf("not given: %d %s", w.Code, w.Body)
	}
	given := New(&fixed{}, Options{Hosts: []string{"other.example.org", "rondo.example.org"}})
	for host, code := range map[string]int{"rondo.example.org": 200, "Rondo.Example.org:443": 200, "127.0.0.1:8780": 200,
		"rondo.example.org.evil.example": 421, "evil-rondo.example.org": 421, "": 421, ":443": 421} {
		if w := ask(given, "GET", "/api/status", over("127.0.0.1", host)); w.Code != code {
			t.Errorf("asked for as %q: %d, want %d", host, w.Code, code)
		}
	}
}

func TestRebinding(t *testing.T) {
	h := handlerOf(&fixed{})
	for _, c := range []struct {
		local, host string
		code        int
	}{
		{"127.0.0.1", "localhost:7070", 200},
		{"127.0.0.1", "LocalHost", 200},
		{"127.0.0.1", "127.0.0.1:7070", 200},
		{"127.0.0.1", "127.8.9.1", 200},
		{"::1", "[::1]:7070", 200},
		{"::1", "[::1]", 200},
		{"127.0.0.1", "evil.example:7070", 421},
		{"127.0.0.1", "localhost.evil.example", 421},
		{"127.0.0.1", "127.0.0.1.evil.example", 421},
		{"127.0.0.1", "10.0.0.7:7070", 421},
		{"127.0.0.1", "", 421},
		{"127.0.0.1", "[::1", 200},
		{"127.0.0.1", "::::", 421},
		{"127.0.0.1", "<script>", 421},
		{"10.0.0.7", "rondo.cluster.local:7070", 200},
		{"10.0.0.7", "10.0.0.7:7070", 200},
	} {
		for _, path := range []string{"/", "/api/status", "/metrics", "/healthz"} {
			w := ask(h, "GET", path, over(c.local, c.host))
			if w.Code != c.code {
				t.Errorf("%s over %s as %q: %d, want %d", path, c.local, c.host, w.Code, c.code)
			}
		}
	}
}
