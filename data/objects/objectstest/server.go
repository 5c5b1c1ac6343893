package objectstest

import (
	"crypto/rand"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// Fault is what becomes of a request.
type Fault struct {
	Status int             // in the place of an answer; nothing is done
	Code   string          // that S3 would give with it
	Reset  bool            // the connection breaks, and nothing is done
	Lose   bool            // the request is done, and the connection breaks before the answer
	Half   bool            // half of the answer's body comes
	Until  <-chan struct{} // the request waits for this first
}

// Server is an S3 with one bucket, to which anybody may.
type Server struct {
	URL    string
	Bucket string // its name is of this server alone: clients are kept by it

	backend *backend
	mu      sync.Mutex
	fault   func(r *http.Request) Fault
	counts  map[string]int
	google  bool // requests are Google's
	blind   bool // conditions of writes are not looked at
}

// New begins to serve until the test ends, and points the environment to the server.
func New(t testing.TB) *Server {
	t.Helper()
	return begin(t, httptest.NewServer)
}

// NewTLS is New by https.
func NewTLS(t testing.TB) *Server {
	t.Helper()
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	s := begin(t, func(h http.Handler) *httptest.Server {
		server := httptest.NewTLSServer(h)
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
		if err := os.WriteFile(bundle, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return server
	})
	t.Setenv("AWS_CA_BUNDLE", bundle)
	return s
}

func begin(t testing.TB, serve func(http.Handler) *httptest.Server) *Server {
	t.Helper()
	s := &Server{Bucket: "b" + strings.ToLower(rand.Text()), counts: map[string]int{}}
	s.backend = &backend{Backend: s3mem.New()}
	if err := s.backend.CreateBucket(s.Bucket); err != nil {
		t.Fatal(err)
	}
	s3 := gofakes3.New(s.backend, gofakes3.WithoutVersioning()).Server()
	server := serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(s3, w, r) }))
	t.Cleanup(server.Close)
	s.URL = server.URL
	for name, value := range s.Environment() {
		t.Setenv(name, value)
	}
	return s
}

// Environment is by what a process finds the server, and nothing else of this machine.
func (s *Server) Environment() map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL_S3": s.URL, "AWS_ACCESS_KEY_ID": "AKIATESTTESTTEST", "AWS_SECRET_ACCESS_KEY": Secret, "AWS_SESSION_TOKEN": "",
		"AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CA_BUNDLE": "", "RONDO_S3_ADDRESSING": "",
	}
}

// Secret is the key that the environment gives: nobody may write it anywhere.
const Secret = "secret-that-nobody-writes-anywhere"

// Address is that of a key in the bucket.
func (s *Server) Address(key string) string { return "s3://" + s.Bucket + "/" + key }

// Interfere has each request judged, from now on; nil: none.
func (s *Server) Interfere(fault func(r *http.Request) Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

// Once gives a fault to the first request that is of a method and whose path ends so.
func (s *Server) Once(method, suffix string, f Fault) {
	done := false
	s.Interfere(func(r *http.Request) Fault { // called under mu
		if done || r.Method != method || !strings.HasSuffix(r.URL.Path, suffix) {
			return Fault{}
		}
		done = true
		return f
	})
}

// Count is how many requests of a method came.
func (s *Server) Count(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[method]
}

// IgnoreConditions makes it a store of before there were conditional writes.
func (s *Server) IgnoreConditions(blind bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blind = blind
}

// Lag has lists show what is there now, whatever is put or removed from now on.
func (s *Server) Lag() error { return s.backend.freeze(s.Bucket) }

func (s *Server) serve(s3 http.Handler, w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	var f Fault
	if s.fault != nil {
		f = s.fault(r)
	}
	s.counts[r.Method]++
	if s.google {
		r = s.backend.fromGoogle(r)
		w = &toGoogle{ResponseWriter: w}
	}
	if s.blind {
		r.Header.Del("If-None-Match")
		r.Header.Del("If-Match")
	}
	s.mu.Unlock()
	if f.Until != nil {
		select {
		case <-f.Until:
		case <-r.Context().Done():
		}
	}
	switch {
	case f.Reset:
		panic(http.ErrAbortHandler)
	case f.Lose:
		s3.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case f.Half:
		answer := httptest.NewRecorder()
		s3.ServeHTTP(answer, r)
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		body := answer.Body.Bytes()
		_, _ = w.Write(body[:len(body)/2])
		panic(http.ErrAbortHandler)
	case f.Status != 0:
		w.WriteHeader(f.Status)
		if f.Code != "" {
			_, _ = w.Write([]byte("<Error><Code>" + f.Code + "</Code><Message>as the test wants it: " + Secret + "</Message></Error>"))
		}
	default:
		s3.ServeHTTP(w, r)
		if google, ok := w.(*toGoogle); ok {
			google.WriteHeader(http.StatusOK) // of an answer without a body
		}
	}
}
