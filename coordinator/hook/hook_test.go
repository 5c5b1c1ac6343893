package hook

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestCheck(t *testing.T) {
	for target, good := range map[string]bool{"https://example.org/x": true, "mail me": true, "": false, "  ": false, "http://": false, "https://%zz": false} {
		if err := Check(target); (err == nil) != good {
			t.Errorf("%q: %v", target, err)
		}
	}
}

func TestPost(t *testing.T) {
	var mu sync.Mutex
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		got = append(got, r.Method+" "+r.Header.Get("Content-Type")+" "+string(body))
		if len(got) == 2 {
			http.Error(w, "no", http.StatusTeapot)
		}
	}))
	defer server.Close()
	var log strings.Builder
	h := New(server.URL+"/secret", slog.New(slog.NewTextHandler(&log, nil)))
	h.Fire(map[string]int{"a": 1})
	h.Fire(map[string]int{"a": 2})
	h.Close()
	if len(got) != 2 || got[0] != "POST application/json {\"a\":1}\n" {
		t.Errorf("got %q", got)
	}
	if text := log.String(); !strings.Contains(text, "418") || strings.Contains(text, "secret") {
		t.Errorf("log: %s", text)
	}
}

func TestCommand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "said")
	var log strings.Builder
	h := New("cat >> "+path+" && echo it is said >&2 && exit 3", slog.New(slog.NewTextHandler(&log, nil)))
	h.Fire("x")
	h.Fire(func() {}) // cannot be told
	h.Close()
	if text, err := os.ReadFile(path); err != nil || string(text) != "\"x\"\n" {
		t.Errorf("%q %v", text, err)
	}
	if text := log.String(); !strings.Contains(text, "exit status 3: it is said") || !strings.Contains(text, "could not be encoded") {
		t.Errorf("log: %s", text)
	}
}

// Whoever fires does not wait for a target that does not answer.
func TestNobodyWaits(t *testing.T) {
	asked, goOn := make(chan bool), make(chan bool)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- true
		<-goOn
	}))
	defer server.Close()
	var log strings.Builder
	h := New(server.URL, slog.New(slog.NewTextHandler(&log, nil)))
	h.Fire(0)
	<-asked
	for range waiting + 3 {
		h.Fire(1)
	}
	if n := strings.Count(log.String(), "too much waits"); n != 3 {
		t.Errorf("%d were let go", n)
	}
	go func() {
		for range asked {
		}
	}()
	close(goOn)
	h.Close()
	close(asked)
}
