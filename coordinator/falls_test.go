package coordinator

import (
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

func fall(step uint64) *api.FromWorker {
	return &api.FromWorker{Message: &api.FromWorker_Waterfall{Waterfall: &api.Waterfall{Step: step, TotalNs: 5e6, Spans: []*api.Span{
		{Part: api.Part_BACKWARD, BeginNs: 2e6, EndNs: 4e6}, {Part: api.Part_ROWS, EndNs: 1e6}, {Part: api.Part_BUCKET, Number: 3, BeginNs: 3e6, EndNs: 5e6, Bytes: 64}}}}}
}

// Whoever opens the view has all workers asked for one step, and is told of it in the order of the ring; a worker that is
// lost is told of no more.
func TestWaterfalls(t *testing.T) {
	cfg := testConfig(t, 2)
	c := start(t, cfg)
	workers := joinAll(t, c, 2)
	asked := func(f *fake) uint64 {
		for {
			if l := f.recv().GetLook(); l != nil {
				return l.Waterfall
			}
		}
	}
	if w := c.Waterfalls(); len(w.Workers) != 0 {
		t.Errorf("before anybody told: %+v", w)
	}
	if a, b := asked(workers[0]), asked(workers[1]); a != b || a != 2 {
		t.Errorf("asked for the steps %d and %d", a, b)
	}
	for i := range workers {
		workers[1-i].send(fall(2)) // the last of the ring first
	}
	var all []api.WorkerWaterfall
	await(t, c, "both tell", func(api.Status) bool { all = c.Waterfalls().Workers; return len(all) == 2 })
	w := all[0]
	if w.Worker != "worker-0" || all[1].Worker != "worker-1" || w.Step != 2 || w.Total != 0.005 || len(w.Spans) != 3 {
		t.Fatalf("%+v", all)
	}
	if w.Spans[0].Part != "rows" || w.Spans[1].Part != "backward" || w.Spans[2] != (api.WaterfallSpan{Part: "bucket", Number: 3, Begin: 0.003, End: 0.005, Bytes: 64}) {
		t.Errorf("spans %+v", w.Spans)
	}
}

// The workers are asked no more often than every two seconds, of a step that is far enough ahead that all hear of it before.
func TestFallsAsked(t *testing.T) {
	b, clock, s := trains(1, 40) // a step each second by the clock
	hub := newHub(2)
	st, _, _ := hub.open()
	s.Members[0].Conn = st.conn
	b.state = s
	tm := &term{board: b, hub: hub}
	ask := func() (at uint64) {
		tm.askFalls()
		select {
		case m := <-st.out:
			return m.GetLook().GetWaterfall()
		default:
			return 0
		}
	}
	if at := ask(); at != 42 {
		t.Errorf("after step 40 asked for step %d", at)
	}
	if at := ask(); at != 0 {
		t.Errorf("asked again at once, for step %d", at)
	}
	clock.mu.Lock()
	clock.now = clock.now.Add(fallEvery)
	clock.mu.Unlock()
	b.tempo.step = average{value: 0.001, weight: 1} // a millisecond each
	if at := ask(); at != 341 {
		t.Errorf("of steps of a millisecond asked for step %d", at)
	}
	b.observe(clock.Now().Add(time.Second), s, heartbeat{Conn: st.conn}, nil)
	tm.fell(st.conn, fall(41).GetWaterfall())
	if w := b.waterfalls(); len(w.Workers) != 1 {
		t.Fatalf("%+v", w)
	}
	b.state.Members = nil
	if w := b.waterfalls(); len(w.Workers) != 0 {
		t.Errorf("of nobody: %+v", w)
	}
	tm.fell(99, fall(41).GetWaterfall()) // of a stream that is gone
}

// What a worker tells for the history goes to the view's first worker, by the name of whose it is, and is shown to nobody; what that one
// tells itself goes nowhere.
func TestFallsForTheHistory(t *testing.T) {
	cfg := testConfig(t, 2)
	c := start(t, cfg)
	workers := joinAll(t, c, 2)
	for _, w := range workers {
		m := fall(1)
		m.GetWaterfall().Kept, m.GetWaterfall().Worker = true, "somebody"
		w.send(m)
	}
	var f *api.Waterfall
	for f == nil {
		f = workers[0].recv().GetRecorded()
	}
	if f.Worker != "worker-1" || f.Step != 1 || len(f.Spans) != 3 {
		t.Errorf("passed on: %v", f)
	}
	if w := c.Waterfalls(); len(w.Workers) != 0 {
		t.Errorf("shown: %+v", w)
	}
}
