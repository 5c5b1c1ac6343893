package worker

import (
	"context"
	"fmt"
	"slices"
	"syscall"
	"time"
)

// simFault is something that goes wrong at a time, for a while.
type simFault struct {
	at, lasts time.Duration
	kind      string
	on, other string // hosts
}

// simKinds are the faults, the frequent ones more than once.
var simKinds = []string{"kill", "kill", "kill", "freeze", "partition", "cut", "slow", "reset", "unhear", "coordinator", "leave", "join", "kill-all", "full"}

// schedule draws the faults of a run.
func (c *simCluster) schedule(workers int) []simFault {
	r := c.rng
	var all []simFault
	for range 1 + r.IntN(6) {
		f := simFault{at: time.Duration(20+r.IntN(1500)) * time.Millisecond, lasts: time.Duration(1+r.IntN(1000)) * time.Millisecond,
			kind: simKinds[r.IntN(len(simKinds))]}
		if r.IntN(4) == 0 { // long
			f.lasts *= 8
		}
		f.on, f.other = fmt.Sprintf("worker-%d", r.IntN(workers)), fmt.Sprintf("worker-%d", r.IntN(workers))
		if f.on == f.other || r.IntN(4) == 0 {
			f.other = "coordinator-0"
		}
		if f.kind == "join" {
			f.on = fmt.Sprintf("worker-%d", workers+r.IntN(2))
		}
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b simFault) int { return int(a.at - b.at) })
	return all
}

// strike has a fault happen, and pass.
func (c *simCluster) strike(ctx context.Context, f simFault) {
	if !simSleep(ctx, f.at) {
		return
	}
	c.log.printf("FAULT %s of %s (%s) for %v", f.kind, f.on, f.other, f.lasts)
	n := c.net
	passes := func() {}
	switch f.kind {
	case "kill":
		c.killWorker(f.on)
	case "kill-all":
		c.killAll()
	case "freeze":
		c.freeze(f.on, f.lasts)
		return
	case "partition":
		c.split([]string{f.on}, false, f.lasts)
		return
	case "cut": // one way
		cut := [][2]string{{f.on, f.other}}
		n.alter(func() { n.sever(cut, 1) })
		passes = func() { n.sever(cut, -1) }
	case "slow":
		n.alter(func() { n.slow[f.on] += 10 })
		passes = func() { n.slow[f.on] -= 10 }
	case "reset":
		n.breakLinks(func(q *simQueue) bool { return q.broken == errSimReset && (q.from.host == f.on || q.to.host == f.on) })
	case "unhear":
		n.breakLinks(func(q *simQueue) bool { return q.broken != errSimReset && (q.from.host == f.on || q.to.host == f.on) })
	case "coordinator":
		c.killHost("coordinator-0")
	case "leave":
		w := c.askLeave(f.on)
		if w == nil {
			return
		}
		p := w.process(c)
		simSleep(ctx, f.lasts)
		c.mu.Lock()
		w.gone = false
		c.mu.Unlock()
		if simSleep(ctx, simGrace) && p != nil {
			n.kill(p)
		}
		return
	case "join":
		c.employ(f.on)
	case "full":
		c.setDisk(0, syscall.ENOSPC)
		simSleep(ctx, f.lasts)
		c.setDisk(0, nil)
		return
	}
	simSleep(ctx, f.lasts)
	n.alter(passes)
}

// askLeave asks a worker to leave, and has it not started again; nil: there is none.
func (c *simCluster) askLeave(name string) *simWorker {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.workers[name]
	if w != nil && w.leave != nil {
		w.gone = true
		w.leave()
	}
	return w
}

// freeze has a worker's host stand still for a while.
func (c *simCluster) freeze(name string, lasts time.Duration) {
	c.net.mu.Lock()
	p := c.net.procs[name]
	c.net.mu.Unlock()
	if p == nil {
		return
	}
	c.net.alter(func() { p.frozen++ })
	time.AfterFunc(lasts, func() { c.net.alter(func() { p.frozen-- }) })
}

// simGrace is how long a worker that was asked to leave may take.
const simGrace = 30 * time.Second

func (w *simWorker) process(c *simCluster) *simProc {
	c.mu.Lock()
	defer c.mu.Unlock()
	return w.proc
}

func (c *simCluster) setDisk(slow time.Duration, unfit error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slow, c.unfit = slow, unfit
}

// sever adds to the cuts between hosts. The caller holds mu.
func (n *simNet) sever(cut [][2]string, by int) {
	for _, edge := range cut {
		n.cut[edge] += by
	}
}

func (c *simCluster) killWorker(name string) {
	c.mu.Lock()
	w := c.workers[name]
	var p *simProc
	if w != nil {
		p = w.proc
	}
	c.mu.Unlock()
	if p != nil {
		c.net.kill(p)
	}
}

// killHost kills the process on a host.
func (c *simCluster) killHost(name string) {
	c.net.mu.Lock()
	p := c.net.procs[name]
	c.net.mu.Unlock()
	if p != nil {
		c.net.kill(p)
	}
}

func (c *simCluster) killAll() {
	c.mu.Lock()
	var names []string
	for name := range c.workers {
		names = append(names, name)
	}
	c.mu.Unlock()
	slices.Sort(names)
	for _, name := range names {
		c.killWorker(name)
	}
}

// simSleep waits, and says whether nothing came between.
func simSleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
