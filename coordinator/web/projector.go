package web

import (
	"log/slog"
	"net/http"
)

// NewProjector makes a page that shows points, without a run: the view Projector alone. api answers below /api/projector.
func NewProjector(api http.Handler) *Site {
	s := &Site{log: slog.New(slog.DiscardHandler), assets: loadAssets()}
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", s.projectorPage)
	mux.HandleFunc("/static/{name...}", s.static)
	mux.Handle("/api/projector", api)
	mux.Handle("/api/projector/", api)
	mux.HandleFunc("/", s.missing)
	s.guarded = s.guard(mux)
	return s
}

func (s *Site) projectorPage(w http.ResponseWriter, r *http.Request) {
	s.serveAsset(w, r, "projector.html")
}
