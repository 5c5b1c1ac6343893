//go:build browser

package web

import (
	"sync"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// demo is a Source whose run goes on only when the test says so.
type demo struct {
	mu      sync.Mutex
	workers int
	step    uint64
	change  func(*api.Status) // last word on the status; may be nil
	bend    func(*point)      // last word on each point; may be nil
}

func (d *demo) advance(steps uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.step += steps
}

func (d *demo) edit(change func(*api.Status)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.change = change
}

func (d *demo) Status() api.Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	st := demoStatus(d.workers, d.step)
	if d.change != nil {
		d.change(&st)
	}
	return st
}

func (d *demo) Desired() (api.Desired, bool) { return api.Desired{}, true }

func (d *demo) Series(q history.Query) history.Series {
	d.mu.Lock()
	defer d.mu.Unlock()
	h := history.New("loss", "norm", "lr", "rate", "compute", "ring", "wait")
	for s := uint64(1); s <= d.step; s++ {
		p := demoPoint(s)
		if d.bend != nil {
			d.bend(&p)
		}
		var values []float32
		for _, v := range []float64{float64(p.Loss), float64(p.Norm), p.LR, p.Rate, p.Compute, p.Ring, p.Wait} {
			values = append(values, history.Value(v))
		}
		h.Add(p.Step, time.Unix(0, 0).Add(time.Duration(p.Seconds*1e9)), values)
	}
	return h.Series(q)
}

func (d *demo) TellsLayers() bool { return d.Status().Phase != api.PhaseStandby }

func (d *demo) Network() api.NetworkGraph { return demoNetwork() }

func (d *demo) Waterfalls() api.Waterfalls { return demoFalls(d.workers, d.now()) }

func (d *demo) LayersHealth() api.LayersHealth { return demoHealth(d.now()) }

func (d *demo) LayerHistory(name string) (api.LayerHistory, bool) { return demoLayer(name, d.now()) }

func (d *demo) now() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.step
}
