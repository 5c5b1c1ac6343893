package coordinator

import (
	"context"
	"log/slog"
	"sync/atomic"
)

// The fields that say where a log line comes from.
const (
	logRun         = "run"         // the run's name
	logRunID       = "run_id"      // once it is known
	logCoordinator = "coordinator" // the coordinator's name
)

// runHandler adds the run's id, once it is known, to each line.
type runHandler struct {
	slog.Handler
	id *atomic.Pointer[string]
}

func (h runHandler) Handle(ctx context.Context, r slog.Record) error {
	if id := h.id.Load(); id != nil {
		r = r.Clone()
		r.AddAttrs(slog.String(logRunID, *id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h runHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return runHandler{h.Handler.WithAttrs(attrs), h.id}
}

func (h runHandler) WithGroup(name string) slog.Handler {
	return runHandler{h.Handler.WithGroup(name), h.id}
}

// logOf is a coordinator's log: each line names the run and the coordinator.
func logOf(cfg *Config) (log *slog.Logger, id *atomic.Pointer[string]) {
	id = new(atomic.Pointer[string])
	return slog.New(runHandler{cfg.Log.Handler(), id}).With(logRun, cfg.Run.Name, logCoordinator, cfg.Name), id
}
