package api

import (
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strings"
	"time"
)

// Waterfalls are where the time of a step went on each worker (/api/waterfall). Of a run that goes on asking has them taken:
// the first answer may have none. Times are seconds from the beginning of the worker's step; each was held up by the barrier
// of the one before.
type Waterfalls struct {
	Workers []WorkerWaterfall `json:"workers"` // in the order of the ring; of a step that was recorded those that told, by their names
	// Steps are those that were recorded, for ?step=, of a run that is read from its directory.
	Steps []uint64 `json:"steps,omitempty"`
}

// What a [Status] says of waterfalls.
const (
	WaterfallsLive = "live" // the workers tell of one of the next steps
	WaterfallsKept = "kept" // some steps were recorded
)

// WorkerWaterfall is that of one worker.
type WorkerWaterfall struct {
	Worker  string          `json:"worker"`
	Step    uint64          `json:"step"` // steps applied, with this one
	Total   float64         `json:"total"`
	Spans   []WaterfallSpan `json:"spans"`              // as they began
	LeftOut int             `json:"left_out,omitempty"` // buckets of which there were too many
}

// WaterfallSpan is a part of a step.
type WaterfallSpan struct {
	Part   string  `json:"part"`   // rows, forward, backward, bucket, statistics, mirror, blocked, barrier, apply
	Number int     `json:"number"` // of the pass, or of the bucket
	Begin  float64 `json:"begin"`
	End    float64 `json:"end"`
	Bytes  int64   `json:"bytes,omitempty"` // of what goes round the ring
}

// Bounds on a waterfall.
const (
	MaxWaterfall   = 1 << 20 // bytes of its JSON
	MaxFallSpans   = 4096
	MaxFallWorkers = 64 // that tell of a step that is recorded: the first ones of a larger ring
	maxFallName    = 256
	maxFallNumber  = 1 << 31
)

// WaterfallOf is a worker's waterfall as it is shown.
func WaterfallOf(worker string, f *Waterfall) WorkerWaterfall {
	seconds := func(ns int64) float64 { return time.Duration(ns).Seconds() }
	w := WorkerWaterfall{Worker: worker, Step: f.GetStep(), Total: seconds(f.GetTotalNs()), LeftOut: int(f.GetLeftOut()), Spans: []WaterfallSpan{}}
	for _, s := range f.GetSpans() {
		w.Spans = append(w.Spans, WaterfallSpan{Part: strings.ToLower(s.GetPart().String()), Number: int(s.GetNumber()),
			Begin: seconds(s.GetBeginNs()), End: seconds(s.GetEndNs()), Bytes: s.GetBytes()})
	}
	sort.SliceStable(w.Spans, func(i, j int) bool { return w.Spans[i].Begin < w.Spans[j].Begin })
	return w
}

// DecodeWaterfall reads a worker's waterfall as it lies in a history. What it returns can be shown.
func DecodeWaterfall(text []byte) (*WorkerWaterfall, error) {
	if len(text) > MaxWaterfall {
		return nil, fmt.Errorf("waterfall: %d bytes, at most %d", len(text), MaxWaterfall)
	}
	w := &WorkerWaterfall{}
	if err := json.Unmarshal(text, w); err != nil {
		return nil, fmt.Errorf("waterfall: %w", err)
	}
	if len(w.Spans) > MaxFallSpans || len(w.Worker) > maxFallName || w.LeftOut < 0 || !(w.Total >= 0 && w.Total < math.MaxInt32) {
		return nil, fmt.Errorf("waterfall: of worker %.20q with %d spans, %d left out, in %v s", w.Worker, len(w.Spans), w.LeftOut, w.Total)
	}
	for i, s := range w.Spans {
		if _, known := Part_value[strings.ToUpper(s.Part)]; !known || s.Number < 0 || s.Number > maxFallNumber || s.Bytes < 0 || !(0 <= s.Begin && s.Begin <= s.End && s.End < math.MaxInt32) {
			return nil, fmt.Errorf("waterfall: span %d is part %.20q, number %d, from %v to %v s, of %d bytes", i, s.Part, s.Number, s.Begin, s.End, s.Bytes)
		}
	}
	return w, nil
}
