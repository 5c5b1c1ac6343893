package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// withCheckpoint is a run that has left one.
type withCheckpoint struct{}

func (withCheckpoint) Status() api.Status {
	return api.Status{Checkpoints: []api.Checkpoint{{Step: 10}}}
}
func (withCheckpoint) Series(history.Query) history.Series { return history.Series{} }
func (withCheckpoint) Desired() (api.Desired, bool)        { return api.Desired{}, false }

// TestProjectorMounted asks a page with points, one without, and the page of points alone.
func TestProjectorMounted(t *testing.T) {
	points := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("points of " + r.URL.Path)) })
	for _, c := range []struct {
		site         *Site
		path, answer string
		code         int
	}{
		{New(withCheckpoint{}, Options{Projector: points}), "/api/status", `"projector":true`, 200},
		{New(withCheckpoint{}, Options{Projector: points}), "/api/projector/near?point=1", "points of /api/projector/near", 200},
		{New(withCheckpoint{}, Options{}), "/api/projector", "nothing is served", 404},
		{NewProjector(points), "/api/projector", "points of /api/projector", 200},
		{NewProjector(points), "/", "static/projector.js", 200},
		{NewProjector(points), "/static/cloud.js", "webgl2", 200},
		{NewProjector(points), "/api/status", "nothing is served", 404},
	} {
		w := httptest.NewRecorder()
		c.site.ServeHTTP(w, httptest.NewRequest(http.MethodGet, c.path, nil))
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.answer) || w.Header().Get("Content-Security-Policy") != policy {
			t.Errorf("%s: %d %.200s, want %d %q", c.path, w.Code, w.Body, c.code, c.answer)
		}
	}
}
