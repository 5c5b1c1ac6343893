package lab

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// server answers a list with one pod, and a watch with changes.
func server(t *testing.T, changes ...string) API {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		if r.URL.Query().Get("watch") == "" {
			fmt.Fprint(w, `{"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a"}}]}`)
			return
		}
		if v := r.URL.Query().Get("resourceVersion"); v != "7" || r.URL.Query().Get("labelSelector") != "x" {
			t.Errorf("watch of %s", r.URL)
		}
		for _, c := range changes {
			fmt.Fprintln(w, c)
		}
	}))
	t.Cleanup(s.Close)
	return API{s.URL, "secret", s.Client()}
}

func TestWatch(t *testing.T) {
	a := server(t,
		`{"type":"ADDED","object":{"metadata":{"name":"b"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}}`,
		`{"type":"DELETED","object":{"metadata":{"name":"a"}}}`,
		`{"type":"ADDED","object":{"metadata":{"name":"never"}}}`)
	var seen []int
	err := Watch(t.Context(), a, "/pods?labelSelector=x", func(all map[string]Pod) bool {
		seen = append(seen, len(all))
		return len(all) == 1 && all["b"].Ready()
	})
	if err != nil || fmt.Sprint(seen) != "[1 2 1]" {
		t.Errorf("%v, %v", seen, err)
	}
}

// TestWatchEnds is an error: a watch that the server ended has not seen what was
// waited for.
func TestWatchEnds(t *testing.T) {
	for name, a := range map[string]API{
		"over":    server(t),
		"refused": server(t, `{"type":"ERROR","object":{"message":"too old"}}`),
		"unknown": {url: server(t).url, token: "another", client: http.DefaultClient},
	} {
		if err := Watch(t.Context(), a, "/pods?labelSelector=x", func(all map[string]Pod) bool { return len(all) == 9 }); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
