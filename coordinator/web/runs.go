package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// Library is several runs beside one another. Its methods are called as those
// of Source are.
type Library interface {
	// Names are the runs in the order in which they are shown.
	Names() []string
	// Source is one of them; false: there is none of the name.
	Source(name string) (Source, bool)
	// Fields are those of a run's file that decide its bits, and the others; nil: not known.
	Fields(name string) (bits, others map[string]string)
	// Same says how far each other run has the bits of a base.
	Same(base string) []api.Same
}

// alone is the one run of a coordinator.
type alone struct{ src Source }

func (a alone) Names() []string {
	return []string{cmp.Or(a.src.Status().Run.Name, "run")}
}

func (a alone) Source(name string) (Source, bool) { return a.src, name == a.Names()[0] }

func (alone) Fields(string) (bits, others map[string]string) { return nil, nil }
func (alone) Same(string) []api.Same                         { return nil }

// of is the run that ?run=NAME names; the first without it.
func (s *Site) of(w http.ResponseWriter, q url.Values) (Source, bool) {
	if !q.Has("run") {
		return s.src, true
	}
	src, ok := s.library.Source(q.Get("run"))
	if !ok {
		writeError(w, http.StatusNotFound, "no run is called so; /api/runs has their names")
	}
	return src, ok
}

// runs answers what each run came to, and how they differ from the one that
// ?base=NAME names; from the first without it.
func (s *Site) runs(w http.ResponseWriter, r *http.Request) {
	q, err := parseQuery(r.URL.RawQuery, "base")
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	names := s.library.Names()
	base := names[0]
	if q.Has("base") {
		if base = q.Get("base"); !slices.Contains(names, base) {
			writeError(w, http.StatusNotFound, "no run is called as base says; /api/runs has their names")
			return
		}
	}
	s.writeJSON(w, summaries(s.library, base))
}

// summaries are what the runs of a library came to, compared with a base.
func summaries(l Library, base string) api.Runs {
	list := api.Runs{Runs: []api.RunSummary{}, Base: base, Same: l.Same(base)}
	if list.Same == nil {
		list.Same = []api.Same{}
	}
	for _, name := range l.Names() {
		if src, ok := l.Source(name); ok {
			bits, others := l.Fields(name)
			list.Runs = append(list.Runs, summary(name, src, bits, others))
		}
	}
	return list
}

func summary(name string, src Source, bits, others map[string]string) api.RunSummary {
	st := src.Status()
	r := api.RunSummary{Name: name, Run: st.Run, Phase: st.Phase, Reason: st.Reason, Step: st.Step, Steps: st.Steps, Started: st.Started,
		Fields: bits, Others: others, Columns: map[string]api.Extremes{}, Evaluations: map[string]api.Extremes{}}
	r.Run.File, r.Run.Schedule = "", nil // a status has them
	if n := len(st.Checkpoints); n > 0 {
		r.Digest = st.Checkpoints[n-1].Digest
	}
	for column, c := range src.Series(history.Query{Points: 1}).Columns {
		if len(c.Last) == 0 {
			continue
		}
		r.Columns[column] = api.Extremes{Min: api.Number(c.Min[0]), MinStep: stepOf(src, column, c.Min[0], false),
			Max: api.Number(c.Max[0]), MaxStep: stepOf(src, column, c.Max[0], true), Last: api.Number(c.Last[0]), Bad: c.Bad[0]}
	}
	for _, e := range st.Evaluations {
		widen(r.Evaluations, "loss", e.Loss, e.Step)
		for _, m := range e.Measures {
			widen(r.Evaluations, m.Name, m.Value, e.Step)
		}
	}
	return r
}

// widen takes a value into the extremes of a measure.
func widen(all map[string]api.Extremes, name string, v api.Number, step uint64) {
	x, known := all[name]
	switch {
	case !v.Finite():
		x.Bad++
		if !known {
			x.Min, x.Max = v, v
		}
	default:
		if !known || !x.Min.Finite() || v < x.Min {
			x.Min, x.MinStep = v, step
		}
		if !known || !x.Max.Finite() || v > x.Max {
			x.Max, x.MaxStep = v, step
		}
	}
	x.Last = v
	all[name] = x
}

// stepOf finds the first step, as exactly as the history has it, at which a
// column has its smallest or largest value.
func stepOf(src Source, column string, value float32, most bool) uint64 {
	from, to := uint64(1), uint64(0)
	for {
		s := src.Series(history.Query{From: from, To: to, Points: 64, Columns: []string{column}})
		c := s.Columns[column]
		found := -1
		for i := range s.Steps {
			if most && c.Max[i] == value || !most && c.Min[i] == value {
				found = i
				break
			}
		}
		if found < 0 {
			return 0
		}
		first := (s.Steps[found]-1)/s.Width*s.Width + 1
		if s.Width == 1 || first == from && s.Steps[found] == to {
			return s.Steps[found]
		}
		from, to = first, s.Steps[found]
	}
}
