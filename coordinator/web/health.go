package web

import (
	"fmt"
	"net/http"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// health says that the process serves; it asks nobody, so that a busy
// coordinator is not restarted for being busy.
func (s *site) health(w http.ResponseWriter, _ *http.Request) {
	writeText(w, http.StatusOK, "ok")
}

// ready says whether the run trains or has finished, and if not, why.
func (s *site) ready(w http.ResponseWriter, _ *http.Request) {
	st := s.src.Status()
	code := http.StatusServiceUnavailable
	if st.Phase == api.PhaseTraining || st.Phase == api.PhaseFinished {
		code = http.StatusOK
	}
	text := string(st.Phase)
	if st.Reason != "" {
		text += ": " + st.Reason
	}
	writeText(w, code, text)
}

func writeText(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	fmt.Fprintln(w, text) // an error here means that the reader has left
}
