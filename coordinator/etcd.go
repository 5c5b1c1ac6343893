package coordinator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
)

// leaseSeconds is how long a dead coordinator still seems to lead. A shorter
// lease gives a standby the lead sooner, but loses it when etcd is slow.
const leaseSeconds = 5

// leaders is where the leaders' keys are, apart from what they write.
const leaders = "/rondo/leader/"

// etcdStore is a Store in etcd, beneath /rondo/run/<run>/.
type etcdStore struct {
	client *clientv3.Client
	owned  bool // close the client with the store
	run    string

	mu       sync.Mutex
	session  *concurrency.Session
	election *concurrency.Election
}

func (s *etcdStore) Campaign(ctx context.Context, addr string) (<-chan struct{}, error) {
	_ = s.Resign(ctx) // a key of ours from before would stand in our own way
	// The session outlives ctx, which bounds the campaign alone.
	session, err := concurrency.NewSession(s.client, concurrency.WithTTL(leaseSeconds))
	if err != nil {
		return nil, fmt.Errorf("etcd: lease: %w", err)
	}
	election := concurrency.NewElection(session, leaders+s.run)
	if err := election.Campaign(ctx, addr); err != nil {
		session.Orphan()
		revoke, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_, _ = s.client.Revoke(revoke, session.Lease())
		return nil, fmt.Errorf("etcd: campaign: %w", err)
	}
	s.mu.Lock()
	s.session, s.election = session, election
	s.mu.Unlock()
	return session.Done(), nil
}

func (s *etcdStore) Resign(ctx context.Context) error {
	s.mu.Lock()
	session, election := s.session, s.election
	s.session, s.election = nil, nil
	s.mu.Unlock()
	if session == nil {
		return nil
	}
	err := election.Resign(ctx)
	session.Orphan()
	_, revoked := s.client.Revoke(ctx, session.Lease())
	return errors.Join(err, revoked)
}

func (s *etcdStore) Leader(ctx context.Context) (string, error) {
	reply, err := s.client.Get(ctx, leaders+s.run+"/", clientv3.WithFirstCreate()...)
	if err != nil {
		return "", fmt.Errorf("etcd: leader: %w", err)
	}
	if len(reply.Kvs) == 0 {
		return "", nil
	}
	return string(reply.Kvs[0].Value), nil
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
	election := s.election
	s.mu.Unlock()
	if election == nil {
		return ErrNotLeader
	}
	mine := clientv3.Compare(clientv3.CreateRevision(election.Key()), "=", election.Rev())
	reply, err := s.client.Txn(ctx).If(mine).Then(op).Commit()
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
