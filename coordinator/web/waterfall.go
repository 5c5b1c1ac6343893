package web

import (
	"net/http"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Waterfalls is what a [Source] knows too whose run goes on.
type Waterfalls interface {
	// Waterfalls are where the time of a step went. Asking has them taken.
	Waterfalls() api.Waterfalls
}

// waterfall answers where the time of a step went.
func (s *Site) waterfall(w http.ResponseWriter, r *http.Request) {
	if err := checkQuery(r.URL.RawQuery); err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	src, knows := s.src.(Waterfalls)
	if !knows {
		writeError(w, http.StatusNotFound, "where the time of a step goes is measured while a run goes on, and told by its coordinator alone")
		return
	}
	s.writeJSON(w, src.Waterfalls())
}
