package web

import "net/http"

// network answers what the run trains.
func (s *Site) network(w http.ResponseWriter, r *http.Request) {
	if err := checkQuery(r.URL.RawQuery); err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	s.writeJSON(w, s.src.Network())
}

// layers answers how the layers fare, or how one of them has fared.
func (s *Site) layers(w http.ResponseWriter, r *http.Request) {
	q, err := parseQuery(r.URL.RawQuery, "layer")
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	if !q.Has("layer") {
		s.writeJSON(w, s.src.LayersHealth())
		return
	}
	h, there := s.src.LayerHistory(q.Get("layer"))
	if !there {
		writeError(w, http.StatusNotFound, "no layer has this name; /api/network lists them")
		return
	}
	s.writeJSON(w, h)
}
