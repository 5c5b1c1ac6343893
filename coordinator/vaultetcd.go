package coordinator

import (
	"context"
	"fmt"
	"strings"

	clientv3 "go.etcd.io/etcd/client/v3"
)

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
