package coordinator

import (
	"context"
	"maps"
	"slices"
)

// MemoryStores is a record in memory that several coordinators of one process
// share. It is for tests, and for runs that need no record.
type MemoryStores struct {
	election election
	values   map[string][]byte // guarded by the election's lock
}

// NewMemoryStores returns an empty record.
func NewMemoryStores() *MemoryStores { return &MemoryStores{values: map[string][]byte{}} }

// Store returns one coordinator's access.
func (m *MemoryStores) Store() Store {
	return &memoryStore{candidate{among: &m.election}, m}
}

type memoryStore struct {
	candidate
	record *MemoryStores
}

func (s *memoryStore) Load(context.Context) (map[string][]byte, error) {
	s.among.mu.Lock()
	defer s.among.mu.Unlock()
	return maps.Clone(s.record.values), nil
}

func (s *memoryStore) Put(_ context.Context, key string, value []byte) error {
	return s.fenced(func() error {
		s.record.values[key] = slices.Clone(value)
		return nil
	})
}

func (s *memoryStore) Clear(context.Context) error {
	return s.fenced(func() error {
		clear(s.record.values)
		return nil
	})
}
