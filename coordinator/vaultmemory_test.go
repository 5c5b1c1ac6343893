package coordinator

import (
	"context"
	"sync"
)

// memoryVault is a Vault in memory.
type memoryVault struct {
	mu     sync.Mutex
	values map[string][]byte
}

func newMemoryVault() *memoryVault { return &memoryVault{values: map[string][]byte{}} }

func (v *memoryVault) Load(context.Context) (map[string][]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	values := map[string][]byte{}
	for key, value := range v.values {
		values[key] = value
	}
	return values, nil
}

func (v *memoryVault) Settle(_ context.Context, key string, value []byte) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.values[key] == nil {
		v.values[key] = value
	}
	return v.values[key], nil
}

func (v *memoryVault) Put(_ context.Context, key string, value []byte) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.values[key] = value
	return nil
}

func (v *memoryVault) Delete(_ context.Context, key string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.values, key)
	return nil
}

func (v *memoryVault) Close() error { return nil }
