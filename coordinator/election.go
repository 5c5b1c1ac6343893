package coordinator

import (
	"context"
	"slices"
	"sync"
)

// election decides which coordinator of this process leads: the one that has
// campaigned longest.
type election struct {
	mu    sync.Mutex
	queue []*candidate
	terms uint64 // that have begun
}

// candidate is one coordinator's part in an election. It is the half of a Store
// that says who leads.
type candidate struct {
	among *election
	addr  string
	leads chan struct{} // closed when it leads
	lost  chan struct{} // closed when it leads no more
	term  uint64        // while it leads
}

func (c *candidate) Campaign(ctx context.Context, addr string) (lead, error) {
	e := c.among
	e.mu.Lock()
	if !slices.Contains(e.queue, c) {
		c.leads, c.lost = make(chan struct{}), make(chan struct{})
		e.queue = append(e.queue, c)
		e.crown()
	}
	c.addr = addr
	leads, lost := c.leads, c.lost
	e.mu.Unlock()
	select {
	case <-leads:
		e.mu.Lock()
		defer e.mu.Unlock()
		return lead{c.term, lost}, nil
	case <-ctx.Done():
		_ = c.Resign(ctx)
		return lead{}, ctx.Err()
	}
}

// crown begins the term of the first in the queue, if it has not begun. The caller holds mu.
func (e *election) crown() {
	if len(e.queue) == 0 || e.queue[0].term != 0 {
		return
	}
	e.terms++
	e.queue[0].term = e.terms
	close(e.queue[0].leads)
}

func (c *candidate) Resign(context.Context) error {
	e := c.among
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.Index(e.queue, c)
	if i < 0 {
		return nil
	}
	e.queue = slices.Delete(e.queue, i, i+1)
	close(c.lost)
	c.term = 0
	e.crown()
	return nil
}

func (c *candidate) Leader(context.Context) (leader, error) {
	e := c.among
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.queue) == 0 {
		return leader{}, nil
	}
	return leader{e.queue[0].addr, e.queue[0].term}, nil
}

// fenced writes while nobody else can come to lead.
func (c *candidate) fenced(write func() error) error {
	e := c.among
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.queue) == 0 || e.queue[0] != c {
		return ErrNotLeader
	}
	return write()
}

// Close leaves the election.
func (c *candidate) Close() error { return c.Resign(context.Background()) }
