package coordinator

import (
	"sync"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// A whole run: two workers join, step, save, finish.
func TestRun(t *testing.T) {
	c := start(t, testConfig(t, 2))
	workers := joinAll(t, c, 2)
	var all sync.WaitGroup
	for _, f := range workers {
		all.Go(func() {
			for s := range uint64(4) {
				f.step(s)
			}
			f.save(4, true)
			f.send(&api.FromWorker{Message: &api.FromWorker_Finished{Finished: &api.Finished{Step: 4}}})
			if end := f.end(); end.ExitCode != 0 {
				t.Errorf("%s: end %v", f.name, end)
			}
		})
	}
	all.Wait()
	if r := result(t, c); r.ExitCode != 0 || r.Step != 4 || r.Digest != "feed" {
		t.Errorf("result %+v", r)
	}
	s := c.Status()
	if s.Phase != api.PhaseFinished || s.Step != 4 || len(s.Checkpoints) != 1 || len(s.Workers) != 2 {
		t.Errorf("status %+v", s)
	}
	if n := len(c.Curve(0).Points); n != 4 {
		t.Errorf("%d points in the curve, want 4", n)
	}
}
