package web

import (
	"net/http"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// lookPath is below which it is answered what a run's network has learnt.
const lookPath = "/api/look/"

// picturePath takes a picture to look at, by POST: the one thing that is sent to the page's server. It is kept in memory
// for a while and steers nothing.
const picturePath = lookPath + "picture"

// looks answers what is asked about the checkpoints of a run.
func (s *Site) looks(w http.ResponseWriter, r *http.Request) {
	if s.look == nil {
		writeError(w, http.StatusNotFound, "this page cannot look inside networks")
		return
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		writeError(w, http.StatusForbidden, "another site's page asks; what it wants could take minutes")
		return
	}
	src, ok := s.of(w, r.URL.Query())
	if ok {
		s.look(w, r, src.Status().Run)
	}
}

// seesInside says whether a run has anything to look into.
func (s *Site) seesInside(st *api.Status) bool {
	return s.look != nil && len(st.Checkpoints) > 0 && st.Run.Dir != ""
}
