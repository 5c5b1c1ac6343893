package coordinator

import (
	"context"
	"log/slog"
)

// Vault keeps the authority and the tokens of a cluster where all its coordinators see them. Unlike the record of a run
// it is not fenced: who leads does not matter, and each write stands for itself.
type Vault interface {
	// Load returns all values by key.
	Load(ctx context.Context) (map[string][]byte, error)
	// Settle writes a value where there is none, and returns the one that is there then.
	Settle(ctx context.Context, key string, value []byte) ([]byte, error)
	Put(ctx context.Context, key string, value []byte) error
	Delete(ctx context.Context, key string) error // of none, too
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
