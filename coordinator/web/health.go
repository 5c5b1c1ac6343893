package web

import (
	"fmt"
	"net/http"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// health says that the process serves; it asks nobody, so that a busy
// coordinator is not restarted for being busy.
func (s *Site) health(w http.ResponseWriter, _ *http.Request) {
	writeText(w, http.StatusOK, "ok")
}

// ready says whether this coordinator is of use to others: workers can join the
// run, or it gets on, or it has ended in order, or this one stands by to take the lead; and if not, why. A Service leads to
// who is ready: where it did not after a stop, autoscalers would not hear that nobody is needed any more.
func (s *Site) ready(w http.ResponseWriter, _ *http.Request) {
	st := s.src.Status()
	code, text := http.StatusServiceUnavailable, string(st.Phase)
	switch st.Phase {
	case api.PhaseWaiting, api.PhaseStarting, api.PhaseTraining, api.PhaseFinished, api.PhaseStopped, api.PhaseStandby:
		code = http.StatusOK
	}
	reason := st.Reason
	if stalled := st.Alarm(api.AlarmStalled); stalled != nil {
		code, reason = http.StatusServiceUnavailable, stalled.What
	}
	if reason != "" {
		text += ": " + reason
	}
	writeText(w, code, text)
}

func writeText(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	fmt.Fprintln(w, text) // an error here means that the reader has left
}
