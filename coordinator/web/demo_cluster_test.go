//go:build browser

package web

import (
	"fmt"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// demoFalls are the waterfalls of a ring whose workers compute for times that differ a little.
func demoFalls(workers int, step uint64) (all api.Waterfalls) {
	for w := range workers {
		slow := 1 + 0.3*float64(w%3)
		at := 0.0011
		f := api.WorkerWaterfall{Worker: fmt.Sprintf("worker-%d", w), Step: step, Spans: []api.WaterfallSpan{{Part: "rows", End: at}}}
		add := func(part string, number int, took float64, bytes int64) {
			f.Spans = append(f.Spans, api.WaterfallSpan{Part: part, Number: number, Begin: at, End: at + took, Bytes: bytes})
		}
		add("forward", 0, 0.021*slow, 0)
		at += 0.021 * slow
		add("backward", 0, 0.040*slow, 0)
		for b := range 9 {
			at += 0.0044 * slow
			add("bucket", 8-b, 0.006+0.001*float64(b%3), 256<<10)
		}
		at = 0.0011 + 0.061*slow
		add("blocked", 0, 0.006, 0)
		at += 0.006
		add("barrier", 0, 0.105-at, 0)
		at = 0.105
		add("apply", 0, 0.004, 0)
		f.Total = at + 0.004
		all.Workers = append(all.Workers, f)
	}
	return all
}

// wide is a run of 64 lanes on 32 workers, one of which is slow, behind a line that loses segments.
func wide(st *api.Status) {
	st.Lanes, st.Workers, st.Expected = 64, nil, 32
	for i := range 32 {
		w := api.Worker{Name: fmt.Sprintf("rondo-worker-%d", i), Host: fmt.Sprintf("node-%d", i/4), PID: 7, State: "training", FirstLane: 2 * i, EndLane: 2*i + 2,
			Step: st.Step, Tier: "avx512", Threads: 16, Compute: 0.07 + 0.01*float64(i%4)/3, Ring: 0.01, Total: 0.11, Data: 0.001, Sent: 31e6, Heap: 148 << 20, Seen: st.Now,
			Next: fmt.Sprintf("rondo-worker-%d", (i+1)%32), Link: &api.Link{RTT: 0.0002 + 0.0001*float64(i%5), Deviation: 0.00005}, Memory: 900 << 20, Limit: 2 << 30,
			Doing: fmt.Sprintf("computes step %d for 0.1 s", st.Step)}
		w.Wait = w.Total - w.Compute - w.Ring - w.Data
		w.Operations, w.Ceiling = 88e9, 1.6e12
		w.Share = w.Operations / w.Total / w.Ceiling
		if i%3 == 1 {
			w.Waits = &api.Waits{On: fmt.Sprintf("rondo-worker-%d", (i+31)%32), In: "bucket 3", Step: st.Step, Seconds: 0.02}
		}
		st.Workers = append(st.Workers, w)
	}
	st.Workers[17].Slow, st.Workers[17].Compute, st.Workers[17].Wait = 1.8, 0.1, 0
	st.Workers[21].Link.RTT, st.Workers[21].Link.Retransmits, st.Workers[21].Queued = 0.012, 418, 3
	st.Workers[9].Memory = 1950 << 20
}
