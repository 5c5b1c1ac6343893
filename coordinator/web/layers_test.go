package web

import (
	"net/http"
	"strings"
	"testing"
)

func TestLayersAnswers(t *testing.T) {
	if r := ask(handlerOf(struct{ Source }{&fixed{}}), http.MethodGet, "/api/network"); r.Code != http.StatusNotFound {
		t.Errorf("of a source that knows no layers: %d %s", r.Code, r.Body)
	}
	h := handlerOf(&fixed{})
	for _, c := range []struct {
		path string
		code int
		want string
	}{
		{"/api/network", http.StatusOK, `"name":"fc","kind":"linear"`},
		{"/api/network?run=gone", http.StatusNotFound, "/api/runs"},
		{"/api/status", http.StatusOK, `"layers":true`},
		{"/api/network?x=1", http.StatusBadRequest, "unknown"},
		{"/api/health", http.StatusOK, `"ratio":null`},
		{"/api/waterfall", http.StatusOK, `"worker":"worker-0","step":7`},
		{"/api/waterfall?step=2", http.StatusBadRequest, "ask without step"},
		{"/api/waterfall?steps=2", http.StatusBadRequest, "unknown"},
		{"/api/health?layer=fc", http.StatusOK, `"name":"fc"`},
		{"/api/health?layer=gone", http.StatusNotFound, "/api/network lists them"},
		{"/api/health?layers=fc", http.StatusBadRequest, "unknown"},
	} {
		if r := ask(h, http.MethodGet, c.path); r.Code != c.code || !strings.Contains(r.Body.String(), c.want) {
			t.Errorf("%s: %d %s", c.path, r.Code, r.Body)
		}
	}
}
