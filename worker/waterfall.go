package worker

import (
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// waterfall is where the time of a step goes, when somebody looks. It reads the clock at the borders of parts, and
// nothing of what is computed. All methods do nothing on nil: then nobody looks.
type waterfall struct {
	began time.Time
	spans []*api.Span
	ways  []*api.Span // those under way round the ring, as trainer.pending has them
	lost  int32       // buckets beyond the most

	asked, kept bool // the coordinator wants it; the history does
}

// maxWays is how many buckets a waterfall tells of.
const maxWays = 1024

func newWaterfall() *waterfall { return &waterfall{} }

// begin sets what times are measured from.
func (w *waterfall) begin(at time.Time) {
	if w != nil {
		w.began = at
	}
}

// now is the time where a part begins; zero where nobody looks.
func (w *waterfall) now() time.Time {
	if w == nil {
		return time.Time{}
	}
	return time.Now()
}

// since adds a part from begin until now.
func (w *waterfall) since(part api.Part, number int, begin time.Time) {
	if w != nil {
		w.spans = append(w.spans, w.span(part, number, begin, time.Now()))
	}
}

func (w *waterfall) span(part api.Part, number int, begin, end time.Time) *api.Span {
	return &api.Span{Part: part, Number: int32(number), BeginNs: int64(begin.Sub(w.began)), EndNs: int64(end.Sub(w.began))}
}

// leaves notes that bytes set off round the ring, to be waited for as the i-th.
func (w *waterfall) leaves(i int, part api.Part, number, bytes int) {
	if w == nil {
		return
	}
	at := time.Now()
	s := w.span(part, number, at, at)
	s.Bytes = int64(bytes)
	for len(w.ways) <= i {
		w.ways = append(w.ways, nil)
	}
	if w.ways[i] = s; i < maxWays {
		w.spans = append(w.spans, s)
	} else {
		w.lost++
	}
}

// whole notes when all of what is waited for as the i-th was here.
func (w *waterfall) whole(i int, at time.Time) {
	if w != nil && i < len(w.ways) && w.ways[i] != nil {
		w.ways[i].EndNs = max(w.ways[i].BeginNs, int64(at.Sub(w.began)))
	}
}

// told is what the step has left.
func (w *waterfall) told(step uint64, total time.Duration) *api.Waterfall {
	return &api.Waterfall{Step: step, TotalNs: int64(total), Spans: w.spans, LeftOut: w.lost}
}

// thinned is a waterfall for the history, of about so many spans: where it has more it tells of fewer buckets, with the first and the last.
func thinned(f *api.Waterfall, most int) *api.Waterfall {
	kept := &api.Waterfall{Step: f.Step, TotalNs: f.TotalNs, LeftOut: f.LeftOut, Kept: true}
	buckets := 0
	for _, s := range f.Spans {
		if s.Part == api.Part_BUCKET {
			buckets++
		}
	}
	room := min(buckets, max(2, most-(len(f.Spans)-buckets)))
	seen, stay := 0, 0
	for _, s := range f.Spans {
		if s.Part == api.Part_BUCKET {
			at := seen
			if seen++; at != stay*(buckets-1)/max(1, room-1) {
				kept.LeftOut++
				continue
			}
			stay++
		}
		kept.Spans = append(kept.Spans, s)
	}
	return kept
}
