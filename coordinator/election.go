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
}

// candidate is one coordinator's part in an election. It is the half of a Store
// that says who leads.
type candidate struct {
	among *election
	addr  string
	leads chan struct{} // closed when it leads
	lost  chan struct{} // closed when it leads no more
}

func (c *candidate) Campaign(ctx context.Context, addr string) (<-chan struct{}, error) {
	_ = c.Resign(ctx) // a candidacy of ours from before would stand in our own way
	e := c.among
	e.mu.Lock()
	c.addr, c.leads, c.lost = addr, make(chan struct{}), make(chan struct{})
	e.queue = append(e.queue, c)
	if len(e.queue) == 1 {
		close(c.leads)
	}
	leads, lost := c.leads, c.lost
	e.mu.Unlock()
	select {
	case <-leads:
		return lost, nil
	case <-ctx.Done():
		_ = c.Resign(ctx)
		return nil, ctx.Err()
	}
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
	if i == 0 && len(e.queue) > 0 {
		close(e.queue[0].leads)
	}
	return nil
}

func (c *candidate) Leader(context.Context) (string, error) {
	e := c.among
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.queue) == 0 {
		return "", nil
	}
	return e.queue[0].addr, nil
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
