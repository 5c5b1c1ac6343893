package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

func taking(codings ...string) func(*http.Request) {
	return func(r *http.Request) { r.Header["Accept-Encoding"] = codings }
}

func unpack(t *testing.T, w *httptest.ResponseRecorder) []byte {
	t.Helper()
	if w.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("not packed: %v", w.Header())
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// What is long is packed for those who take it, and has the same bytes when it is unpacked.
func TestPacked(t *testing.T) {
	st := api.Status{Phase: api.PhaseTraining}
	for i := range 32 {
		st.Workers = append(st.Workers, api.Worker{Name: fmt.Sprintf("worker-%d", i), Host: "a-host", State: "training"})
	}
	h := handlerOf(&fixed{status: st})
	for _, path := range []string{"/api/status", "/", "/static/vendor/uplot/uPlot.iife.min.js", "/static/style.css"} {
		plain, small := ask(h, "GET", path), ask(h, "GET", path, taking("br, gzip;q=0.5"))
		size := small.Body.Len()
		if plain.Code != 200 || plain.Header().Get("Content-Encoding") != "" || plain.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %d %v", path, plain.Code, plain.Header())
		}
		body := unpack(t, small)
		if path == "/api/status" { // the time differs in nothing: the source is fixed
			var a, b api.Status
			if json.Unmarshal(plain.Body.Bytes(), &a) != nil || json.Unmarshal(body, &b) != nil || len(b.Workers) != 32 {
				t.Errorf("%s: %.80s", path, body)
			}
		} else if !bytes.Equal(body, plain.Body.Bytes()) {
			t.Errorf("%s: other bytes", path)
		}
		if 2*size > len(body) {
			t.Errorf("%s: %d bytes of %d", path, size, len(body))
		}
		if tag := small.Header().Get("ETag"); tag != "" {
			if tag == plain.Header().Get("ETag") {
				t.Errorf("%s: two forms of one tag %s", path, tag)
			}
			again := ask(h, "GET", path, taking("gzip"), func(r *http.Request) { r.Header.Set("If-None-Match", tag) })
			if again.Code != http.StatusNotModified {
				t.Errorf("%s: %d for a form that the client has", path, again.Code)
			}
		}
	}
	for _, path := range []string{"/api/desired", "/api/nothing"} { // short
		if got := ask(h, "GET", path, taking("gzip")); got.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s: packed", path)
		}
	}
	if got := ask(h, "HEAD", "/api/status", taking("gzip")); got.Code != 200 {
		t.Errorf("HEAD: %d", got.Code)
	}
}

func TestTakesGzip(t *testing.T) {
	for values, want := range map[string]bool{"": false, "gzip": true, "deflate, gzip": true, "GZIP": true, "gzip;q=0": false, "gzip; q=0.0": false,
		"gzip; q=0.1": true, "gzip;q=much": false, "xgzip": false, "br": false, "br|gzip": true} {
		if got := takesGzip(strings.Split(values, "|")); got != want {
			t.Errorf("%q: %v", values, got)
		}
	}
}
