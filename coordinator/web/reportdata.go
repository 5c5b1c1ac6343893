package web

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// Bounds of a report: with them it takes less than 5 MB.
const (
	maxReport = 5_000_000 // bytes
	pageRoom  = 450_000   // of these for the page itself
	shownRoom = 2_500_000 // at most, for layers and what evaluations show; less where the curves leave less
	// MaxReportRuns is how many runs it may have.
	MaxReportRuns = 64
	reportPoints  = 16384 // buckets of all runs together
	reportList    = 2000  // evaluations of all runs together; half as many events and checkpoints
)

// kept is what a report answers in a coordinator's stead; assets/kept.js reads it.
type kept struct {
	Made   time.Time             `json:"made"`
	Runs   api.Runs              `json:"runs"`
	Same   map[string][]api.Same `json:"same"` // by base
	Status map[string]api.Status `json:"status"`
	Series map[string]keptSeries `json:"series"`

	Layers   map[string]*keptLayers   `json:"layers"` // of the runs that tell of them
	Outcomes map[string]*keptOutcomes `json:"outcomes"`
	Falls    map[string]*keptFalls    `json:"falls"`
	Looks    map[string]keptLooks     `json:"looks"`
}

// keptSeries is a history of buckets of one width. Numbers are the base64 of their
// little-endian bytes: float64 for steps and seconds, float32 for values.
type keptSeries struct {
	End     uint64                `json:"end"`
	Width   uint64                `json:"width"`
	Started time.Time             `json:"started"`
	Steps   string                `json:"steps"`
	Seconds string                `json:"seconds"`
	Columns map[string]keptColumn `json:"columns"`
}

type keptColumn struct {
	Min  string   `json:"min"`
	Max  string   `json:"max"`
	Mean string   `json:"mean"`
	Last string   `json:"last"`
	Bad  []uint64 `json:"bad"` // index and count of the buckets with values that were not finite
}

// keep gathers what a report has of the runs of a library.
func keep(l Library, look Lookers, made time.Time) (k kept, left []string, err error) {
	names := l.Names()
	if len(names) == 0 || len(names) > MaxReportRuns {
		return k, nil, fmt.Errorf("%d runs; a report has 1 to %d", len(names), MaxReportRuns)
	}
	k = kept{Made: made.UTC().Truncate(time.Second), Same: map[string][]api.Same{}, Status: map[string]api.Status{}, Series: map[string]keptSeries{},
		Layers: map[string]*keptLayers{}, Outcomes: map[string]*keptOutcomes{}, Falls: map[string]*keptFalls{}, Looks: map[string]keptLooks{}}
	k.Runs = summaries(l, names[0])
	for _, name := range names {
		src, ok := l.Source(name)
		if !ok {
			continue
		}
		st := filled(src.Status())
		st.Runs, st.Whole = names, true
		for _, cut := range []string{
			newest(&st.Evaluations, reportList/len(names), "evaluations"), newest(&st.Events, reportList/2/len(names), "events"),
			newest(&st.Checkpoints, reportList/2/len(names), "checkpoints"),
		} {
			if cut != "" {
				left = append(left, name+": "+cut)
			}
		}
		k.Status[name] = st
		k.Series[name] = keepSeries(src, uint64(reportPoints/len(names)))
		if k.Same[name] = l.Same(name); k.Same[name] == nil {
			k.Same[name] = []api.Same{}
		}
	}
	text, err := json.Marshal(k)
	if err != nil {
		return k, nil, err
	}
	room := max(0, min(shownRoom, maxReport-pageRoom-len(text))) / len(names)
	for _, name := range names {
		if src, ok := l.Source(name); ok {
			for _, what := range k.show(name, src, look, room) {
				left = append(left, name+": "+what)
			}
		}
	}
	return k, left, nil
}

// show adds the layers of a run and what its evaluations show, in about so many bytes, and says what does not fit.
func (k *kept) show(name string, src Source, look Lookers, room int) (left []string) {
	st := k.Status[name]
	falls, size, without := keepFalls(src, room/10)
	if falls != nil {
		k.Falls[name], st.Waterfalls = falls, api.WaterfallsKept
	}
	room, left = room-size, append(left, without...)
	k.Looks[name] = keptLooks{}
	for _, one := range []struct {
		look  Looker
		room  int
		shown *bool
	}{{look.Inside, room / 4, &st.Look}, {look.Points, room / 5, &st.Projector}} {
		if one.look == nil || len(st.Checkpoints) == 0 {
			continue
		}
		looks, size, without := keepLooks(one.look, st.Run, one.room)
		maps.Copy(k.Looks[name], looks)
		*one.shown = looks != nil
		room, left = room-size, append(left, without...)
	}
	if len(k.Looks[name]) == 0 {
		delete(k.Looks, name)
	}
	if tellsLayers(src) {
		if l := keepLayers(src.(Layers), room/2); l != nil {
			k.Layers[name], st.Layers = l, true
		} else {
			left = append(left, "the report has no room for the network")
		}
	}
	shown, steps := []uint64{}, outcomeSteps(src)
	if o := keepOutcomes(src, steps, room*3/10, room/5*3/4); o != nil { // base64 takes 4 bytes for 3
		k.Outcomes[name], shown = o, o.Steps
	} else if len(steps) > 0 {
		left = append(left, "the report has no room for what evaluations show")
	}
	st.Evaluations = slices.Clone(st.Evaluations) // the source's own stay as they are
	for i := range st.Evaluations {
		e := &st.Evaluations[i]
		e.Outcome = e.Outcome && slices.Contains(shown, e.Step)
	}
	k.Status[name] = st
	return left
}

// newest leaves out all but so many of a list, and says so.
func newest[T any](list *[]T, most int, what string) string {
	n := len(*list)
	if n <= most {
		return ""
	}
	*list = (*list)[n-most:]
	return fmt.Sprintf("the newest %d of %d %s are in the report", most, n, what)
}

// keepSeries asks for a history in the narrowest buckets that are no more than so
// many, a part after the other: an answer has no more than history.MaxPoints.
func keepSeries(src Source, points uint64) (k keptSeries) {
	const part = 4096 // a power of two, so that parts are whole buckets of any width
	end := src.Series(history.Query{Points: 1}).End
	width := uint64(1)
	for (end+width-1)/width > points {
		width *= 2
	}
	var all history.Series
	for from := uint64(1); from <= end; {
		to := min(end, (from-1)/(part*width)*part*width+part*width)
		n := (to-1)/width - (from-1)/width + 1
		s := src.Series(history.Query{From: from, To: to, Points: int(n)})
		if s.Width > width && n > 1 { // narrower ones were dropped: all is asked for anew
			width, from, all = s.Width, 1, history.Series{}
			continue
		}
		all = joined(all, s)
		from = to + 1
	}
	k = keptSeries{End: end, Width: width, Started: all.Started, Columns: map[string]keptColumn{}}
	steps := make([]float64, len(all.Steps))
	for i, s := range all.Steps {
		steps[i] = float64(s)
	}
	k.Steps, k.Seconds = doubles(steps), doubles(all.Seconds)
	for name, c := range all.Columns {
		kc := keptColumn{Min: floats(c.Min), Max: floats(c.Max), Mean: floats(c.Mean), Last: floats(c.Last), Bad: []uint64{}}
		for i, n := range c.Bad {
			if n > 0 {
				kc.Bad = append(kc.Bad, uint64(i), n)
			}
		}
		k.Columns[name] = kc
	}
	return k
}

// joined puts a part of a history behind another.
func joined(a, b history.Series) history.Series {
	if a.Columns == nil {
		return b
	}
	a.Steps, a.Seconds = append(a.Steps, b.Steps...), append(a.Seconds, b.Seconds...)
	for name, c := range a.Columns {
		if d := b.Columns[name]; d != nil {
			c.Min, c.Max, c.Mean = append(c.Min, d.Min...), append(c.Max, d.Max...), append(c.Mean, d.Mean...)
			c.Last, c.Bad = append(c.Last, d.Last...), append(c.Bad, d.Bad...)
		}
	}
	return a
}

func doubles(list []float64) string {
	b := make([]byte, 0, 8*len(list))
	for _, v := range list {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return base64.StdEncoding.EncodeToString(b)
}

func floats(list []float32) string {
	b := make([]byte, 0, 4*len(list))
	for _, v := range list {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return base64.StdEncoding.EncodeToString(b)
}
