package coordinator

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// MemoryStores is a record in memory that several coordinators of one process
// share. It is for tests, and for runs that need no record.
type MemoryStores struct {
	mu     sync.Mutex
	values map[string][]byte
	queue  []*memoryStore // that campaign; the first one leads
}

// NewMemoryStores returns an empty record.
func NewMemoryStores() *MemoryStores { return &MemoryStores{values: map[string][]byte{}} }

// Store returns one coordinator's access.
func (c *MemoryStores) Store() Store { return &memoryStore{shared: c} }

type memoryStore struct {
	shared *MemoryStores
	addr   string
	leads  chan struct{} // closed when it leads
	lost   chan struct{} // closed when it leads no more
}

func (s *memoryStore) Campaign(ctx context.Context, addr string) (<-chan struct{}, error) {
	c := s.shared
	c.mu.Lock()
	s.addr, s.leads, s.lost = addr, make(chan struct{}), make(chan struct{})
	c.queue = append(c.queue, s)
	if len(c.queue) == 1 {
		close(s.leads)
	}
	leads, lost := s.leads, s.lost
	c.mu.Unlock()
	select {
	case <-leads:
		return lost, nil
	case <-ctx.Done():
		_ = s.Resign(ctx)
		return nil, ctx.Err()
	}
}

func (s *memoryStore) Resign(context.Context) error {
	c := s.shared
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.Index(c.queue, s)
	if i < 0 {
		return nil
	}
	c.queue = slices.Delete(c.queue, i, i+1)
	close(s.lost)
	if i == 0 && len(c.queue) > 0 {
		close(c.queue[0].leads)
	}
	return nil
}

func (s *memoryStore) Leader(context.Context) (string, error) {
	c := s.shared
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.queue) == 0 {
		return "", nil
	}
	return c.queue[0].addr, nil
}

func (s *memoryStore) Load(context.Context) (map[string][]byte, error) {
	s.shared.mu.Lock()
	defer s.shared.mu.Unlock()
	return maps.Clone(s.shared.values), nil
}

func (s *memoryStore) Put(_ context.Context, key string, value []byte) error {
	return s.write(func(values map[string][]byte) { values[key] = slices.Clone(value) })
}

func (s *memoryStore) Clear(context.Context) error {
	return s.write(func(values map[string][]byte) { clear(values) })
}

func (s *memoryStore) write(change func(map[string][]byte)) error {
	c := s.shared
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.queue) == 0 || c.queue[0] != s {
		return ErrNotLeader
	}
	change(c.values)
	return nil
}

func (s *memoryStore) Close() error { return s.Resign(context.Background()) }
