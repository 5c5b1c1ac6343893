package web

import (
	"net/http"
	"net/url"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Layers is what a [Source] knows too that tells of the network.
type Layers interface {
	// TellsLayers says whether the network is known, or will be.
	TellsLayers() bool
	// Network is what the run trains.
	Network() api.NetworkGraph
	// LayersHealth is how all layers fare. Asking has them measured where the run goes on.
	LayersHealth() api.LayersHealth
	// LayerHistory is how one has fared; false when there is none of that name.
	LayerHistory(name string) (api.LayerHistory, bool)
}

// tellsLayers says whether there is a network to show.
func tellsLayers(src Source) bool {
	l, knows := src.(Layers)
	return knows && l.TellsLayers()
}

// layersOf is the run that ?run= names as one that knows of layers. Where it does not, it is answered so.
func (s *Site) layersOf(w http.ResponseWriter, q url.Values) (Layers, bool) {
	src, ok := s.of(w, q)
	if !ok {
		return nil, false
	}
	l, knows := src.(Layers)
	if !knows {
		writeError(w, http.StatusNotFound, "nothing is known of the layers of this run")
	}
	return l, knows
}

// network answers what the run trains.
func (s *Site) network(w http.ResponseWriter, r *http.Request) {
	q, err := parseQuery(r.URL.RawQuery, "run")
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	if src, knows := s.layersOf(w, q); knows {
		s.writeJSON(w, src.Network())
	}
}

// layers answers how the layers fare, or how one of them has fared.
func (s *Site) layers(w http.ResponseWriter, r *http.Request) {
	q, err := parseQuery(r.URL.RawQuery, "layer", "run")
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	src, knows := s.layersOf(w, q)
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
