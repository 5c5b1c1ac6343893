package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Questions go to whoever looks, with the run that they are about; a picture is all that may be sent.
func TestLooks(t *testing.T) {
	asked := ""
	look := func(w http.ResponseWriter, r *http.Request, run api.Run) {
		asked = r.Method + " " + r.URL.Path + " " + run.Dir
	}
	src := &fixed{status: api.Status{Run: api.Run{Dir: "runs/x"}, Checkpoints: []api.Checkpoint{{Step: 1}}}}
	h := New(src, Options{Look: look})
	for _, c := range []struct{ method, path, want string }{
		{"GET", "/api/look/about?step=1", "GET /api/look/about runs/x"},
		{"POST", "/api/look/picture", "POST /api/look/picture runs/x"},
		{"POST", "/api/look/about", ""},
		{"PUT", "/api/look/picture", ""},
		{"GET", "/api/look/about?run=none", ""},
	} {
		asked = ""
		if ask(h, c.method, c.path); asked != c.want {
			t.Errorf("%s %s: asked %q, want %q", c.method, c.path, asked, c.want)
		}
	}
	if w := ask(h, "GET", "/api/status"); !strings.Contains(w.Body.String(), `"look":true`) {
		t.Errorf("the status does not say that one can look inside: %s", w.Body)
	}
	plain := New(src, Options{})
	if w := ask(plain, "GET", "/api/look/about"); w.Code != http.StatusNotFound {
		t.Errorf("nobody looks: %d", w.Code)
	}
	if w := ask(plain, "GET", "/api/status"); strings.Contains(w.Body.String(), `"look"`) {
		t.Error("nobody looks, and the status says that one can")
	}
	asked = ""
	other := httptest.NewRequest("GET", "/api/look/about", nil)
	other.Header.Set("Sec-Fetch-Site", "cross-site")
	refused := httptest.NewRecorder()
	if h.ServeHTTP(refused, other); refused.Code != http.StatusForbidden || asked != "" {
		t.Errorf("another site's page asks: %d, asked %q", refused.Code, asked)
	}
	foreign := httptest.NewRequest("POST", "/api/look/picture", strings.NewReader("x"))
	w := httptest.NewRecorder()
	over("127.0.0.1", "evil.example")(foreign)
	if h.ServeHTTP(w, foreign); w.Code != http.StatusMisdirectedRequest {
		t.Errorf("sent under a foreign name: %d", w.Code)
	}
}
