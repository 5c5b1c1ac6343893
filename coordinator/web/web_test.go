package web

import (
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// fixed is a Source that answers what it holds, or panics.
type fixed struct {
	status api.Status
	panics bool
}

func (f *fixed) Status() api.Status {
	if f.panics {
		panic("no status")
	}
	return f.status
}

func (f *fixed) Desired() (api.Desired, bool) {
	return api.Desired{Workers: 3, Reason: "as measured"}, f.status.Phase != api.PhaseStandby
}

func (f *fixed) TellsLayers() bool { return f.status.Phase != api.PhaseStandby }

func (f *fixed) Network() api.NetworkGraph {
	return api.NetworkGraph{Layers: []api.GraphLayer{{Name: "fc", Kind: "linear"}}}
}

func (f *fixed) Waterfalls() api.Waterfalls {
	return api.Waterfalls{Workers: []api.WorkerWaterfall{{Worker: "worker-0", Step: 7}}}
}

func (f *fixed) LayersHealth() api.LayersHealth {
	return api.LayersHealth{Step: 7, Layers: []api.LayerSigns{{Name: "fc", Level: "good", Ratio: api.Number(math.NaN())}}}
}

func (f *fixed) LayerHistory(name string) (api.LayerHistory, bool) {
	return api.LayerHistory{LayerSigns: api.LayerSigns{Name: name}}, name == "fc"
}

func (f *fixed) Series(q history.Query) history.Series {
	h := history.New("loss", "norm")
	for s := range uint64(100) {
		h.Add(s+1, time.Unix(int64(s), 0), []float32{float32(s), history.Value(math.NaN())})
	}
	return h.Series(q)
}

func handlerOf(src Source) http.Handler {
	return New(src, Options{})
}

// ask sends one request to h, without a network.
func ask(h http.Handler, method, target string, set ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for _, f := range set {
		f(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPaths(t *testing.T) {
	h := handlerOf(&fixed{status: api.Status{Phase: api.PhaseTraining}})
	for _, c := range []struct {
		target, kind string
		code         int
		has          string
	}{
		{"/", "text/html; charset=utf-8", 200, "<!doctype html>"},
		{"/?anything=1", "text/html; charset=utf-8", 200, "<!doctype html>"},
		{"/static/style.css", "text/css; charset=utf-8", 200, ":root"},
		{"/static/main.js", "text/javascript; charset=utf-8", 200, "import"},
		{"/static/favicon.svg", "image/svg+xml", 200, "<svg"},
		{"/static/vendor/uplot/uPlot.iife.min.js", "text/javascript; charset=utf-8", 200, "uPlot"},
		{"/static/vendor/uplot/LICENSE", "text/plain; charset=utf-8", 200, "Permission is hereby granted"},
		{"/static/", "application/json; charset=utf-8", 404, "/static/"},
		{"/static/none.js", "application/json; charset=utf-8", 404, "/static/none.js"},
		{"/static/vendor", "application/json; charset=utf-8", 404, "/static/vendor"},
		{"/static/..%2fweb.go", "application/json; charset=utf-8", 404, "error"},
		{"/api/status", "application/json; charset=utf-8", 200, `"phase":"training"`},
		{"/api/desired", "application/json; charset=utf-8", 200, `"desired_workers":3`},
		{"/api/series?from=5&to=8&columns=loss", "application/json; charset=utf-8", 200, `"columns":{"loss":{"min":[4,5,6,7]`},
		{"/api/series?points=10", "application/json; charset=utf-8", 200, `"width":16,`},
		{"/api/none", "application/json; charset=utf-8", 404, "/api/none"},
		{"/healthz", "text/plain; charset=utf-8", 200, "ok"},
		{"/readyz", "text/plain; charset=utf-8", 200, "training"},
		{"/none", "application/json; charset=utf-8", 404, "/none"},
	} {
		w := ask(h, "GET", c.target)
		if w.Code != c.code || w.Header().Get("Content-Type") != c.kind || !strings.Contains(w.Body.String(), c.has) {
			t.Errorf("GET %s: %d %s %.80q, want %d %s with %q", c.target, w.Code, w.Header().Get("Content-Type"), w.Body, c.code, c.kind, c.has)
		}
	}
}

// A status has what happened behind the number that is named, or all where the
// number is another coordinator's.
func TestStatusSince(t *testing.T) {
	h := handlerOf(&fixed{status: api.Status{Base: 100, Next: 103, Events: []api.Event{{Number: 101, What: "one"}, {Number: 103, What: "three"}},
		Evaluations: []api.Evaluation{{Number: 102, Step: 7}}}})
	for target, want := range map[string]struct {
		events, evaluations int
		whole               bool
	}{
		"/api/status":           {2, 1, true},
		"/api/status?since=100": {2, 1, false},
		"/api/status?since=101": {1, 1, false},
		"/api/status?since=102": {1, 0, false},
		"/api/status?since=103": {0, 0, false},
		"/api/status?since=104": {2, 1, true},
		"/api/status?since=99":  {2, 1, true},
	} {
		var st api.Status
		if err := json.Unmarshal(ask(h, "GET", target).Body.Bytes(), &st); err != nil {
			t.Fatal(err)
		}
		if len(st.Events) != want.events || len(st.Evaluations) != want.evaluations || st.Whole != want.whole || st.Next != 103 {
			t.Errorf("%s: %+v", target, st)
		}
	}
}

func TestMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	steps := prometheus.NewCounter(prometheus.CounterOpts{Name: "rondo_steps_total", Help: "Steps applied."})
	registry.MustRegister(steps)
	steps.Add(3)
	w := ask(New(&fixed{}, Options{Metrics: registry}), "GET", "/metrics")
	if w.Code != 200 || !strings.Contains(w.Body.String(), "rondo_steps_total 3") {
		t.Fatalf("GET /metrics: %d %q", w.Code, w.Body)
	}
	if w := ask(New(&fixed{}, Options{}), "GET", "/metrics"); w.Code != 200 {
		t.Fatalf("GET /metrics without metrics: %d %q", w.Code, w.Body)
	}
}

func TestReady(t *testing.T) {
	stalled := []api.Alarm{{Kind: api.AlarmStalled, What: "training stands still: no step since noon"}}
	for _, c := range []struct {
		phase  api.Phase
		alarms []api.Alarm
		code   int
		says   string
	}{
		{api.PhaseWaiting, nil, 200, "waiting: the reason"}, // or no Service would let workers join
		{api.PhaseStarting, nil, 200, "starting: the reason"},
		{api.PhaseTraining, nil, 200, "training: the reason"},
		{api.PhaseTraining, stalled, 503, "training: training stands still: no step since noon"},
		{api.PhaseTraining, []api.Alarm{{Kind: api.AlarmSlow}}, 200, "training: the reason"},
		{api.PhaseStopping, nil, 503, "stopping: the reason"},
		{api.PhaseFinished, nil, 200, "finished: the reason"},
		{api.PhaseStopped, nil, 200, "stopped: the reason"}, // or no Service would let autoscalers know
		{api.PhaseFailed, nil, 503, "failed: the reason"},
		{api.PhaseStandby, nil, 200, "standby: the reason"}, // or a rollout would wait for ever
		{"", nil, 503, ": the reason"},
	} {
		h := handlerOf(&fixed{status: api.Status{Phase: c.phase, Reason: "the reason", Alarms: c.alarms}})
		w := ask(h, "GET", "/readyz")
		if w.Code != c.code || strings.TrimSpace(w.Body.String()) != c.says {
			t.Errorf("/readyz in phase %q with alarms %v: %d %q, want %d %q", c.phase, c.alarms, w.Code, w.Body, c.code, c.says)
		}
		if w := ask(h, "GET", "/healthz"); w.Code != 200 {
			t.Errorf("/healthz in phase %q: %d", c.phase, w.Code)
		}
	}
}

// A diverged run must still be seen.
func TestNotFinite(t *testing.T) {
	nan, inf := api.Number(math.NaN()), api.Number(math.Inf(1))
	st := api.Status{Loss: nan, BitsPerChar: inf, LR: 0.5, Evaluations: []api.Evaluation{{Loss: nan}}}
	h := handlerOf(&fixed{status: st})
	body := ask(h, "GET", "/api/status").Body.String()
	for _, has := range []string{`"loss":null`, `"bits_per_char":null`, `"lr":0.5`, `"evaluations":[{"number":0,"step":0,"loss":null`, `"events":[]`, `"alarms":[]`} {
		if !strings.Contains(body, has) {
			t.Errorf("status lacks %s: %s", has, body)
		}
	}
	if body = ask(h, "GET", "/api/series?to=1").Body.String(); !strings.Contains(body, `"norm":{"min":[null],"max":[null],"mean":[null],"last":[null],"bad":[1]}`) {
		t.Errorf("series: %s", body)
	}
}

func TestEventTextIsEscaped(t *testing.T) {
	h := handlerOf(&fixed{status: api.Status{Events: []api.Event{{What: "<script>alert(1)</script>"}}}})
	w := ask(h, "GET", "/api/status")
	if strings.Contains(w.Body.String(), "<script") {
		t.Errorf("markup in the JSON: %s", w.Body)
	}
	w = ask(h, "GET", "/api/none%3Cscript%3E")
	if strings.Contains(w.Body.String(), "<script") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("markup in the error: %s", w.Body)
	}
}

func TestPanickingSource(t *testing.T) {
	var logged strings.Builder
	h := New(&fixed{panics: true}, Options{Log: slog.New(slog.NewTextHandler(&logged, nil))})
	w := ask(h, "GET", "/api/status")
	if w.Code != 500 || !strings.Contains(w.Body.String(), "error") || strings.Contains(w.Body.String(), "no status") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(logged.String(), "no status") || !strings.Contains(logged.String(), "/api/status") {
		t.Errorf("log: %s", logged.String())
	}
	if w := ask(h, "GET", "/healthz"); w.Code != 200 {
		t.Errorf("/healthz: %d", w.Code)
	}
}

func TestHead(t *testing.T) {
	server := httptest.NewServer(handlerOf(&fixed{status: api.Status{Phase: api.PhaseTraining}}))
	defer server.Close()
	for _, path := range []string{"/", "/static/style.css", "/api/status", "/api/series", "/metrics", "/healthz", "/readyz"} {
		resp, err := http.Head(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 200 || len(body) != 0 || err != nil {
			t.Errorf("HEAD %s: %d, %d bytes, %v", path, resp.StatusCode, len(body), err)
		}
	}
}
