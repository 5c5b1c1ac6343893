package web

import (
	"net/http"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Layers is what a [Source] knows too whose run goes on.
type Layers interface {
	// Network is what the run trains.
	Network() api.NetworkGraph
	// LayersHealth is how all layers fare. Asking has them measured.
	LayersHealth() api.LayersHealth
	// LayerHistory is how one has fared; false when there is none of that name.
	LayerHistory(name string) (api.LayerHistory, bool)
}

// layersOf is the source as one that knows of layers. Where it does not, it is answered so.
func (s *Site) layersOf(w http.ResponseWriter) (Layers, bool) {
	src, knows := s.src.(Layers)
	if !knows {
		writeError(w, http.StatusNotFound, "the layers of a run are measured while it goes on, and kept by its coordinator alone")
	}
	return src, knows
}

// network answers what the run trains.
func (s *Site) network(w http.ResponseWriter, r *http.Request) {
	if err := checkQuery(r.URL.RawQuery); err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	if src, knows := s.layersOf(w); knows {
		s.writeJSON(w, src.Network())
	}
}

// layers answers how the layers fare, or how one of them has fared.
func (s *Site) layers(w http.ResponseWriter, r *http.Request) {
	q, err := parseQuery(r.URL.RawQuery, "layer")
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	src, knows := s.layersOf(w)
	if !knows {
		return
	}
	if !q.Has("layer") {
		s.writeJSON(w, src.LayersHealth())
		return
	}
	h, there := src.LayerHistory(q.Get("layer"))
	if !there {
		writeError(w, http.StatusNotFound, "no layer has this name; /api/network lists them")
		return
	}
	s.writeJSON(w, h)
}
