package worker

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/rondo-ml/rondo/allreduce/admission"
	"github.com/rondo-ml/rondo/coordinator/api"
)

// health answers whoever keeps this process running: /healthz says whether to restart it, /readyz whether it is in
// the ring, /metrics what it takes.
type health struct {
	live   *liveness
	meters *meters
	worker atomic.Pointer[worker] // nil: it reads its data, or rests
	rests  atomic.Pointer[string] // why it takes no part in a run; nil: it does
	server *http.Server

	address string // where it listens
}

// Bounds on those who ask.
const (
	healthConnections = 32
	healthTimeout     = 10 * time.Second
	healthHeader      = 8 << 10
	scrapes           = 4
)

// newHealth listens where the config says; nil: nowhere.
func newHealth(cfg Config) (*health, error) {
	if cfg.HealthListen == "" {
		return nil, nil
	}
	l, err := net.Listen("tcp", cfg.HealthListen)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; give another address with --health-addr HOST:PORT (port 0 takes a free one)", cfg.HealthListen, err)
	}
	h := &health{live: newLiveness(time.Now()), meters: newMeters(cfg), address: l.Addr().String()}
	h.server = &http.Server{Handler: h.handler(cfg.Log), ReadHeaderTimeout: healthTimeout, ReadTimeout: healthTimeout, WriteTimeout: healthTimeout,
		IdleTimeout: time.Minute, MaxHeaderBytes: healthHeader, ErrorLog: slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug)}
	if !cfg.Again {
		cfg.Log.Info("health is told", "address", h.address)
	}
	gate := admission.NewGate("health", admission.Limits{Connections: healthConnections}, cfg.Log)
	go func() { _ = h.server.Serve(gate.Listener(l)) }() // until close
	return h, nil
}

func (h *health) handler(log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, h.alive(time.Now()), "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { answer(w, h.ready(), "in the ring") })
	mux.Handle("GET /metrics", promhttp.HandlerFor(h.meters.registry, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ErrorHandling: promhttp.HTTPErrorOnError, MaxRequestsInFlight: scrapes}))
	return mux
}

// answer is 503 with what is wrong, or 200.
func answer(w http.ResponseWriter, wrong, well string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if wrong != "" {
		w.WriteHeader(http.StatusServiceUnavailable)
		well = wrong
	}
	fmt.Fprintln(w, well) // an error here means that the reader has left
}

// alive says why the process should be restarted; "": it should not.
func (h *health) alive(now time.Time) string {
	w := h.worker.Load()
	switch {
	case h.rests.Load() != nil:
		return ""
	case w == nil:
		return h.live.look(now, signs{doing: api.Doing_LOADING})
	}
	return h.live.look(now, w.activity.signs())
}

// ready says why the worker is not in the ring; "": it is.
func (h *health) ready() string {
	w := h.worker.Load()
	why := h.rests.Load()
	switch {
	case why != nil:
		return "not in the ring: " + *why
	case w == nil:
		return "not in the ring: it reads its data"
	case !w.activity.inRing():
		return "not in the ring: it " + doingWords[w.activity.signs().doing]
	}
	return ""
}

// of shows a worker from here on.
func (h *health) of(w *worker) {
	if h != nil {
		h.meters.of(w)
		h.worker.Store(w)
	}
}

// step counts a step.
func (h *health) step(took time.Duration) {
	if h != nil {
		h.meters.steps.Observe(took.Seconds())
	}
}

func (h *health) close() {
	if h == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond) // for an answer under way
	defer cancel()
	if h.server.Shutdown(ctx) != nil {
		_ = h.server.Close()
	}
}
