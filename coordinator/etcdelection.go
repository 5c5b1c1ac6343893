package coordinator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
)

// Times of an election in etcd.
const (
	// leaseSeconds is how long a dead coordinator still seems to lead. A shorter
	// lease gives a standby the lead sooner, but is lost when etcd is slow.
	leaseSeconds = 3
	// relistEvery is how often the candidates are listed anew. A watch tells
	// sooner, but may miss an event.
	relistEvery = time.Second
)

// candidacy is a coordinator's key among those of a run's candidates. The
// oldest key leads, and its revision is the term. The key lives as long as its
// lease, and the lease as long as the session keeps it alive.
type candidacy struct {
	session *concurrency.Session
	key     string
	rev     int64
	leads   bool // it was seen to be the oldest
}

// leaderKey is a candidate's key as others see it.
type leaderKey struct {
	Key, Addr string
	Rev       int64 // at which it was made
	Seen      int64 // at which it was looked at
}

// Campaign blocks until the key of this coordinator is the oldest. It goes on
// with the key of an earlier campaign as long as etcd has it.
func (s *etcdStore) Campaign(ctx context.Context, addr string) (lead, error) {
	for {
		place, err := s.stand(ctx, addr)
		if err != nil {
			return lead{}, err
		}
		first, err := s.oldest(ctx)
		if err != nil {
			return lead{}, s.giveUp(ctx, err)
		}
		if first.Key == place.key && first.Rev == place.rev {
			s.mu.Lock()
			s.place = &candidacy{place.session, place.key, place.rev, true}
			s.mu.Unlock()
			return lead{uint64(place.rev), place.session.Done()}, nil
		}
		if err := s.awaitChange(ctx, place, first); err != nil {
			return lead{}, s.giveUp(ctx, err)
		}
	}
}

// giveUp ends a campaign. What waits no more must not come to lead; one that
// only had no more time keeps its place.
func (s *etcdStore) giveUp(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		resign, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = s.Resign(resign)
	}
	return fmt.Errorf("etcd: campaign: %w", err)
}

// stand returns the candidacy that etcd still has, or a new one. A session that
// was given up because etcd was away for a while is taken up again where the
// lease is alive.
func (s *etcdStore) stand(ctx context.Context, addr string) (*candidacy, error) {
	s.mu.Lock()
	place := s.place
	s.mu.Unlock()
	if place != nil {
		reply, err := s.client.Get(ctx, place.key)
		if err != nil {
			return nil, fmt.Errorf("etcd: campaign: %w", err)
		}
		if len(reply.Kvs) == 1 && reply.Kvs[0].CreateRevision == place.rev && string(reply.Kvs[0].Value) == addr {
			if keptAlive(place.session) {
				return place, nil
			}
			again, err := concurrency.NewSession(s.client, concurrency.WithTTL(leaseSeconds), concurrency.WithLease(place.session.Lease()))
			if err == nil {
				return s.take(&candidacy{again, place.key, place.rev, place.leads}), nil
			}
		}
		_ = s.Resign(ctx) // a key of ours from before would stand in our own way
	}
	lease, err := s.client.Grant(ctx, leaseSeconds)
	if err != nil {
		return nil, fmt.Errorf("etcd: lease: %w", err)
	}
	// The session outlives ctx, which bounds the campaign alone.
	session, err := concurrency.NewSession(s.client, concurrency.WithTTL(leaseSeconds), concurrency.WithLease(lease.ID))
	if err != nil {
		return nil, fmt.Errorf("etcd: lease: %w", err)
	}
	key := fmt.Sprintf("%s%s/%x", leaders, s.run, session.Lease())
	reply, err := s.client.Put(ctx, key, addr, clientv3.WithLease(session.Lease()))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("etcd: campaign: %w", err), s.end(ctx, session))
	}
	return s.take(&candidacy{session: session, key: key, rev: reply.Header.Revision}), nil
}

func (s *etcdStore) take(place *candidacy) *candidacy {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.place = place
	return place
}

func keptAlive(session *concurrency.Session) bool {
	select {
	case <-session.Done():
		return false
	default:
		return true
	}
}

// oldest is the key that leads.
func (s *etcdStore) oldest(ctx context.Context) (first leaderKey, err error) {
	reply, err := s.client.Get(ctx, leaders+s.run+"/", clientv3.WithFirstCreate()...)
	if err == nil && len(reply.Kvs) > 0 {
		kv := reply.Kvs[0]
		first = leaderKey{string(kv.Key), string(kv.Value), kv.CreateRevision, reply.Header.Revision}
	}
	return first, err
}

// awaitChange returns when the key that leads is gone, our lease has ended, or
// it is time to look again.
func (s *etcdStore) awaitChange(ctx context.Context, place *candidacy, first leaderKey) error {
	watching, cancel := context.WithTimeout(ctx, relistEvery)
	defer cancel()
	// Revisions from before, among them that of the key, may have been compacted away.
	gone := s.client.Watch(clientv3.WithRequireLeader(watching), first.Key, clientv3.WithFilterPut(), clientv3.WithRev(first.Seen+1))
	select {
	case <-gone:
	case <-place.session.Done():
	case <-watching.Done():
	}
	return ctx.Err()
}

func (s *etcdStore) Resign(ctx context.Context) error {
	s.mu.Lock()
	place := s.place
	s.place = nil
	s.mu.Unlock()
	if place == nil {
		return nil
	}
	return s.end(ctx, place.session)
}

// end gives a lease back, and with it the key.
func (s *etcdStore) end(ctx context.Context, session *concurrency.Session) error {
	session.Orphan()
	_, err := s.client.Revoke(ctx, session.Lease())
	if errors.Is(err, rpctypes.ErrLeaseNotFound) {
		return nil
	}
	return err
}

func (s *etcdStore) Leader(ctx context.Context) (leader, error) {
	first, err := s.oldest(ctx)
	if err != nil {
		return leader{}, fmt.Errorf("etcd: leader: %w", err)
	}
	return leader{first.Addr, uint64(first.Rev)}, nil
}
