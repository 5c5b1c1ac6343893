//go:build browser

package web

import (
	"sync"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// demo is a Source whose run goes on only when the test says so.
type demo struct {
	mu      sync.Mutex
	workers int
	step    uint64
	change  func(*api.Status) // last word on the status; may be nil
	bend    func(*api.Point)  // last word on each point; may be nil
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

func (d *demo) Curve(since uint64) api.Curve {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := api.Curve{Next: d.step}
	for s := since + 1; s <= d.step; s++ {
		p := demoPoint(s)
		if d.bend != nil {
			d.bend(&p)
		}
		c.Points = append(c.Points, p)
	}
	return c
}
