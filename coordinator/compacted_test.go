package coordinator

import (
	"context"
	"errors"
	"testing"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// watchedWatcher tells of the watches that end at once because etcd has dropped their revision.
type watchedWatcher struct {
	clientv3.Watcher
	compacted chan error
	begun     chan bool
}

func (w *watchedWatcher) Watch(ctx context.Context, key string, opts ...clientv3.OpOption) clientv3.WatchChan {
	in, out := w.Watcher.Watch(ctx, key, opts...), make(chan clientv3.WatchResponse)
	select {
	case w.begun <- true:
	default:
	}
	go func() {
		defer close(out)
		for r := range in {
			if errors.Is(r.Err(), rpctypes.ErrCompacted) {
				select {
				case w.compacted <- r.Err():
				default:
				}
			}
			select {
			case out <- r:
			case <-ctx.Done():
			}
		}
	}()
	return out
}

// TestStandbyAfterCompaction compacts an etcd to its newest revision, which is later than that of the leader's key. Who stands by
// still waits for that key, and does not ask again and again.
func TestStandbyAfterCompaction(t *testing.T) {
	client := startEtcd(t)
	leads := &etcdStore{client: client, run: "r"}
	if _, err := leads.Campaign(t.Context(), "a:1"); err != nil {
		t.Fatal(err)
	}
	reply, err := client.Put(t.Context(), "other", "1")
	if err == nil {
		reply, err = client.Put(t.Context(), "other", "2")
	}
	if err == nil {
		_, err = client.Compact(t.Context(), reply.Header.Revision)
	}
	if err != nil {
		t.Fatal(err)
	}
	watched := &watchedWatcher{client.Watcher, make(chan error, 1), make(chan bool)}
	other := clientv3.NewCtxClient(t.Context())
	other.KV, other.Lease, other.Watcher = client.KV, client.Lease, watched
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := (&etcdStore{client: other, run: "r"}).Campaign(ctx, "b:1")
		ended <- err
	}()
	for range 2 {
		<-watched.begun
	}
	cancel()
	<-ended
	select {
	case err := <-watched.compacted:
		t.Errorf("a watch ended at once: %v", err)
	default:
	}
}
