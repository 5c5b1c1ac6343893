package worker

import (
	"sync"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// falls are the waterfalls of the second step of so many workers, each of which takes its lanes in so many passes.
func falls(t *testing.T, f *runfile.File, workers, passes int) (trainers []*trainer, all []*api.Waterfall) {
	t.Helper()
	view, err := allreduce.EvenView(1, f.Batch.Lanes, workers)
	if err != nil {
		t.Fatal(err)
	}
	next, prev := make([]allreduce.Link, workers), make([]allreduce.Link, workers)
	if workers > 1 {
		next, prev = allreduce.NewMemNetwork(0).Ring([]string{"worker-0", "worker-1"}[:workers])
	}
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	trainers, all = make([]*trainer, workers), make([]*api.Waterfall, workers)
	var wg sync.WaitGroup
	for w := range workers {
		group, err := allreduce.NewGroup(view, w, next[w], prev[w])
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { group.Close() })
		lo, hi := view.LanesOf(w)
		tr, err := newTrainer(Config{File: f, Threads: 1, Passes: passes}, laneRange{lo, hi}, train, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(tr.close)
		if _, err := tr.initialize(t.Context()); err != nil {
			t.Fatal(err)
		}
		tr.keepFor(view, w)
		trainers[w] = tr
		wg.Go(func() {
			for step := range uint64(2) {
				if step == 1 {
					tr.fall = newWaterfall()
				}
				r, err := tr.step(group, step, wish{})
				if err != nil {
					t.Error(err)
					return
				}
				if step == 1 {
					all[w] = tr.fall.told(2, r.time.total)
				}
			}
		})
	}
	wg.Wait()
	return trainers, all
}

// A step's waterfall has each of its parts in their order, and each bucket's way once.
func TestWaterfall(t *testing.T) {
	for name, c := range map[string]struct {
		f               *runfile.File
		workers, passes int
	}{
		"alone":     {smallFile(t), 1, 1},
		"in a ring": {smallFile(t, "model.hidden=160"), 2, 1},
		"passes":    {imageFile(t, "resnet-small", "model.image=16", "model.width=8"), 2, 2},
	} {
		trainers, all := falls(t, c.f, c.workers, c.passes)
		for w, fall := range all {
			tr, of := trainers[w], map[api.Part][]*api.Span{}
			for _, s := range fall.GetSpans() {
				if of[s.Part] = append(of[s.Part], s); s.BeginNs < 0 || s.EndNs < s.BeginNs || s.EndNs > fall.TotalNs+int64(time.Second) {
					t.Errorf("%s, worker %d of %d: %v in a step of %d ns", name, w, c.workers, s, fall.TotalNs)
				}
			}
			passes := len(tr.passes)
			buckets, numbers, end := map[int32]bool{}, int64(0), int64(0)
			for _, s := range of[api.Part_BUCKET] {
				buckets[s.Number], numbers, end = true, numbers+s.Bytes/4, max(end, s.EndNs)
			}
			if len(of[api.Part_FORWARD]) != passes || len(of[api.Part_BACKWARD]) != passes || len(of[api.Part_ROWS]) < passes ||
				len(buckets) != len(tr.parts) || len(buckets) != len(of[api.Part_BUCKET]) || numbers != int64(tr.params.Size()) {
				t.Fatalf("%s, worker %d: %d passes, %d buckets of %d numbers; the waterfall is %v", name, w, passes, len(tr.parts), tr.params.Size(), fall)
			}
			if measures := len(tr.measured) > 0; measures != (len(of[api.Part_STATISTICS]) == 1) {
				t.Errorf("%s, worker %d: %d statistics", name, w, len(of[api.Part_STATISTICS]))
			}
			blocked, barrier, apply := of[api.Part_BLOCKED][0], of[api.Part_BARRIER][0], of[api.Part_APPLY][0]
			for i := range passes {
				if of[api.Part_FORWARD][i].EndNs > of[api.Part_BACKWARD][i].BeginNs || of[api.Part_BACKWARD][i].EndNs > blocked.BeginNs {
					t.Errorf("%s, worker %d: pass %d is out of order: %v", name, w, i, fall)
				}
			}
			if ring := c.workers > 1 && name == "in a ring"; ring != (len(of[api.Part_MIRROR]) == 1) {
				t.Errorf("%s, worker %d: %d mirrors", name, w, len(of[api.Part_MIRROR]))
			}
			if end > blocked.EndNs || blocked.EndNs > barrier.EndNs || barrier.EndNs > apply.BeginNs || fall.Step != 2 {
				t.Errorf("%s, worker %d: out of order, buckets until %d: %v", name, w, end, fall)
			}
			left := of[api.Part_BACKWARD][passes-1]
			for _, s := range of[api.Part_BUCKET] {
				if s.BeginNs < left.BeginNs || s.BeginNs > left.EndNs {
					t.Errorf("%s, worker %d: bucket %d left at %d, beside %v", name, w, s.Number, s.BeginNs, left)
				}
			}
		}
	}
}

// Of very many buckets a waterfall tells of the first, and how many it leaves out; all are waited for alike.
func TestWaterfallIsBounded(t *testing.T) {
	w := newWaterfall()
	w.begin(time.Now())
	for i := range maxWays + 7 {
		w.leaves(i+1, api.Part_BUCKET, i, 10) // something else is waited for first
	}
	for i := range maxWays + 9 {
		w.whole(i, w.began.Add(time.Duration(i)*time.Hour))
	}
	told := w.told(1, time.Second)
	last := told.Spans[len(told.Spans)-1]
	if len(told.Spans) != maxWays-1 || told.LeftOut != 8 || last.Number != maxWays-2 || last.EndNs != int64((maxWays-1)*time.Hour) {
		t.Errorf("%d spans, %d left out, the last %v", len(told.Spans), told.LeftOut, last)
	}
}

// The waterfall that is asked for first is told first, and once.
func TestWaterfallAsked(t *testing.T) {
	var l looks
	l.ask(&api.Look{Network: true})
	if l.waterfall(1) {
		t.Error("nobody has asked")
	}
	l.ask(&api.Look{Waterfall: 12})
	l.ask(&api.Look{Waterfall: 14})
	if l.waterfall(11) {
		t.Error("step 11 is before all that were asked for")
	}
	if !l.waterfall(13) || l.waterfall(14) {
		t.Error("step 13 is the first after step 12, and one was asked for")
	}
}
