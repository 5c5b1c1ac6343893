package coordinator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// Vault keeps the authority and the tokens of a cluster where all its coordinators see them. Unlike the record of a run
// it is not fenced: who leads does not matter, and each write stands for itself.
type Vault interface {
	// Load returns all values by key.
	Load(ctx context.Context) (map[string][]byte, error)
	// Settle writes a value where there is none, and returns the one that is there then.
	Settle(ctx context.Context, key string, value []byte) ([]byte, error)
	Put(ctx context.Context, key string, value []byte) error
	Delete(ctx context.Context, key string) error
	Close() error
}

// OpenVault opens the vault of the coordinators whose record is in an etcd or, where that has no endpoints, in a
// directory of this machine. They may run meanwhile.
func OpenVault(ctx context.Context, etcd EtcdConfig, recordDir string, log *slog.Logger) (Vault, error) {
	if len(etcd.Endpoints) == 0 {
		return openFileVault(recordDir)
	}
	store, err := OpenEtcd(ctx, etcd, "", log)
	if err != nil {
		return nil, err
	}
	return &etcdVault{store.(*etcdStore).client, true}, nil
}

// vaultPrefix is where an etcd has the vault, beside the records of runs.
const vaultPrefix = "/rondo/trust/"

// etcdVault is a Vault in etcd.
type etcdVault struct {
	client *clientv3.Client
	owned  bool // close the client with the vault
}

func (v *etcdVault) Load(ctx context.Context) (map[string][]byte, error) {
	reply, err := v.client.Get(ctx, vaultPrefix, clientv3.WithPrefix())
	if err != nil {
		return nil, fmt.Errorf("etcd: %w", err)
	}
	values := map[string][]byte{}
	for _, kv := range reply.Kvs {
		values[strings.TrimPrefix(string(kv.Key), vaultPrefix)] = kv.Value
	}
	return values, nil
}

func (v *etcdVault) Settle(ctx context.Context, key string, value []byte) ([]byte, error) {
	key = vaultPrefix + key
	reply, err := v.client.Txn(ctx).If(clientv3.Compare(clientv3.CreateRevision(key), "=", 0)).
		Then(clientv3.OpPut(key, string(value))).Else(clientv3.OpGet(key)).Commit()
	switch {
	case err != nil:
		return nil, fmt.Errorf("etcd: %w", err)
	case reply.Succeeded:
		return value, nil
	}
	return reply.Responses[0].GetResponseRange().Kvs[0].Value, nil
}

func (v *etcdVault) Put(ctx context.Context, key string, value []byte) error {
	if _, err := v.client.Put(ctx, vaultPrefix+key, string(value)); err != nil {
		return fmt.Errorf("etcd: %w", err)
	}
	return nil
}

func (v *etcdVault) Delete(ctx context.Context, key string) error {
	if _, err := v.client.Delete(ctx, vaultPrefix+key); err != nil {
		return fmt.Errorf("etcd: %w", err)
	}
	return nil
}

func (v *etcdVault) Close() error {
	if v.owned {
		return v.client.Close()
	}
	return nil
}

// fileVault is a Vault of files in a directory, one for each key: so that several processes write without a lock.
type fileVault struct{ dir string }

// vaultDir is its name beside the record.
const vaultDir = "trust"

// maxSecretFile bounds a file of the vault.
const maxSecretFile = 64 << 10

func openFileVault(recordDir string) (*fileVault, error) {
	v := &fileVault{filepath.Join(recordDir, vaultDir)}
	if err := os.MkdirAll(v.dir, 0o700); err != nil {
		return nil, fmt.Errorf("the record's authority and tokens: %w", err)
	}
	return v, nil
}

func (v *fileVault) Load(context.Context) (map[string][]byte, error) {
	entries, err := os.ReadDir(v.dir)
	if err != nil {
		return nil, err
	}
	values := map[string][]byte{}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), ".new") || !e.Type().IsRegular() {
			continue
		}
		text, err := v.read(e.Name())
		if errors.Is(err, os.ErrNotExist) { // deleted meanwhile
			continue
		}
		if err != nil {
			return nil, err
		}
		values[e.Name()] = text
	}
	return values, nil
}

func (v *fileVault) read(key string) ([]byte, error) {
	f, err := os.Open(filepath.Join(v.dir, key))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxSecretFile))
}

func (v *fileVault) Settle(_ context.Context, key string, value []byte) ([]byte, error) {
	f, err := os.CreateTemp(v.dir, ".new-*") // mode 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(value)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	err = os.Link(f.Name(), filepath.Join(v.dir, key)) // whole, or not at all, and never over another
	if err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	return v.read(key)
}

func (v *fileVault) Put(_ context.Context, key string, value []byte) error {
	return replaceFile(filepath.Join(v.dir, key), value)
}

func (v *fileVault) Delete(_ context.Context, key string) error {
	return os.Remove(filepath.Join(v.dir, key))
}

func (v *fileVault) Close() error { return nil }

// MemoryVault is a Vault in memory, for tests.
type MemoryVault struct {
	mu     sync.Mutex
	values map[string][]byte
}

// NewMemoryVault returns an empty one.
func NewMemoryVault() *MemoryVault { return &MemoryVault{values: map[string][]byte{}} }

// Load implements Vault, as all methods do.
func (v *MemoryVault) Load(context.Context) (map[string][]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	values := map[string][]byte{}
	for key, value := range v.values {
		values[key] = value
	}
	return values, nil
}

// Settle writes where nothing is.
func (v *MemoryVault) Settle(_ context.Context, key string, value []byte) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.values[key] == nil {
		v.values[key] = value
	}
	return v.values[key], nil
}

// Put writes.
func (v *MemoryVault) Put(_ context.Context, key string, value []byte) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.values[key] = value
	return nil
}

// Delete removes.
func (v *MemoryVault) Delete(_ context.Context, key string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.values, key)
	return nil
}

// Close does nothing.
func (v *MemoryVault) Close() error { return nil }
