package coordinator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// leaders is where the leaders' keys are, apart from what they write.
const leaders = "/rondo/leader/"

// etcdStore is a Store in etcd, beneath /rondo/run/<run>/.
type etcdStore struct {
	client *clientv3.Client
	owned  bool // close the client with the store
	run    string
	tells  func(error) error // what an answer of etcd means; nil: the answer is told as it is

	mu    sync.Mutex
	place *candidacy // nil: does not campaign
}

func (s *etcdStore) data() string { return "/rondo/run/" + s.run + "/" }

func (s *etcdStore) Load(ctx context.Context) (map[string][]byte, error) {
	reply, err := s.client.Get(ctx, s.data(), clientv3.WithPrefix())
	if err != nil {
		return nil, fmt.Errorf("etcd: %w", err)
	}
	values := map[string][]byte{}
	for _, kv := range reply.Kvs {
		values[strings.TrimPrefix(string(kv.Key), s.data())] = kv.Value
	}
	return values, nil
}

func (s *etcdStore) Put(ctx context.Context, key string, value []byte) error {
	return s.fenced(ctx, clientv3.OpPut(s.data()+key, string(value)))
}

func (s *etcdStore) Clear(ctx context.Context) error {
	return s.fenced(ctx, clientv3.OpDelete(s.data(), clientv3.WithPrefix()))
}

// fenced writes in a transaction that fails when our leader key is not the one
// that we campaigned with.
func (s *etcdStore) fenced(ctx context.Context, op clientv3.Op) error {
	s.mu.Lock()
	place := s.place
	s.mu.Unlock()
	if place == nil || !place.leads {
		return ErrNotLeader
	}
	mine := clientv3.Compare(clientv3.CreateRevision(place.key), "=", place.rev)
	reply, err := s.client.Txn(ctx).If(mine).Then(op).Commit()
	if err != nil && s.tells != nil {
		return s.tells(err)
	}
	if err != nil {
		return fmt.Errorf("etcd: %w", err)
	}
	if !reply.Succeeded {
		return ErrNotLeader
	}
	return nil
}

func (s *etcdStore) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := s.Resign(ctx)
	if s.owned {
		err = errors.Join(err, s.client.Close())
	}
	return err
}
