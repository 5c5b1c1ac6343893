package web

import (
	"encoding/json"
	"net/http"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Waterfalls is what a [Source] knows too whose run goes on.
type Waterfalls interface {
	// Waterfalls are where the time of a step went. Asking has them taken.
	Waterfalls() api.Waterfalls
}

// KeptWaterfalls is what a [Source] knows too that reads what a run has recorded.
type KeptWaterfalls interface {
	// WaterfallSteps are the steps that were recorded.
	WaterfallSteps() []uint64
	// WaterfallsAt are where the time of a step went, or of the newest that was recorded for step 0: of each worker that told the JSON of
	// an [api.WorkerWaterfall]; nil: it was not recorded.
	WaterfallsAt(step uint64) [][]byte
}

// tellsWaterfalls is what a status says of the waterfalls of a source.
func tellsWaterfalls(src Source) string {
	if _, lives := src.(Waterfalls); lives {
		return api.WaterfallsLive
	}
	if kept, knows := src.(KeptWaterfalls); knows && len(kept.WaterfallSteps()) > 0 {
		return api.WaterfallsKept
	}
	return ""
}

// waterfall answers where the time of a step went.
func (s *Site) waterfall(w http.ResponseWriter, r *http.Request) {
	q, err := parseQuery(r.URL.RawQuery, "step", "run")
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	step, err := whole(q, "step")
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	src, ok := s.of(w, q)
	if !ok {
		return
	}
	if kept, knows := src.(KeptWaterfalls); knows {
		s.writeJSON(w, keptWaterfalls(kept, step))
		return
	}
	live, knows := src.(Waterfalls)
	switch {
	case !knows:
		writeError(w, http.StatusNotFound, "nothing is known of where the time of this run's steps went")
	case q.Has("step"):
		writeError(w, http.StatusBadRequest, "of a run that goes on its coordinator tells of one of the next steps alone: ask without step")
	default:
		s.writeJSON(w, live.Waterfalls())
	}
}

// keptWaterfalls is an answer of what was recorded.
func keptWaterfalls(kept KeptWaterfalls, step uint64) api.Waterfalls {
	list := api.Waterfalls{Workers: []api.WorkerWaterfall{}, Steps: kept.WaterfallSteps()}
	for _, text := range kept.WaterfallsAt(step) {
		var w api.WorkerWaterfall
		if json.Unmarshal(text, &w) == nil {
			list.Workers = append(list.Workers, w)
		}
	}
	return list
}
