package web

import (
	"encoding/json"
	"net/http"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Outcomes is what a [Source] knows too whose evaluations show more than figures.
type Outcomes interface {
	// Outcome is what the evaluation after a step shows, the JSON of an [api.Outcome], or that after the newest for step 0;
	// nil: nothing. steps are those of which there is one.
	Outcome(step uint64) (text []byte, steps []uint64)
}

// Pictures is what a [Source] knows too that can read the held-out set.
type Pictures interface {
	// Draws says whether it has samples that can be drawn.
	Draws() bool
	// Pictures draws samples of the set beside one another, as PNG.
	Pictures(samples []int) ([]byte, error)
}

// outcome answers what an evaluation shows: which class is taken for which, what a language model writes.
func (s *Site) outcome(w http.ResponseWriter, r *http.Request) {
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
	list := api.Outcomes{Steps: []uint64{}}
	if of, knows := src.(Outcomes); knows {
		text, steps := of.Outcome(step)
		list.Outcome, list.Steps = json.RawMessage(text), append(list.Steps, steps...)
	}
	if of, knows := src.(Pictures); knows {
		list.Pictures = of.Draws()
	}
	s.writeJSON(w, list)
}

// pictures answers with samples of the held-out set.
func (s *Site) pictures(w http.ResponseWriter, r *http.Request) {
	q, err := parseQuery(r.URL.RawQuery, "samples", "run")
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	samples, err := parseSamples(q.Get("samples"))
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	src, ok := s.of(w, q)
	if !ok {
		return
	}
	of, knows := src.(Pictures)
	if !knows {
		writeError(w, http.StatusNotFound, "the held-out set is not read here")
		return
	}
	picture, err := of.Pictures(samples)
	if err != nil {
		writeError(w, http.StatusNotFound, err.Error())
		return
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(picture) // an error here means that the reader has left
}
