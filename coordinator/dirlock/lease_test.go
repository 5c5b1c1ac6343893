package dirlock

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rondo-ml/rondo/data/objects"
)

// memory is a bucket without a network, so that a test's clock runs by itself.
type memory struct {
	objects.Store // what a lease does not use

	mu   sync.Mutex
	data map[string][]byte
	away bool
	hang bool // the next request gets no answer
}

func init() {
	objects.Register("memory", func(string) (objects.Store, error) { return &memory{data: map[string][]byte{}}, nil })
}

func (m *memory) error(kind objects.Kind) error {
	return &objects.Error{Kind: kind, Op: "test", Bucket: "memory://b"}
}

func (m *memory) Stat(ctx context.Context, key string) (objects.Info, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.hang {
		m.hang = false
		m.mu.Unlock()
		<-ctx.Done()
		m.mu.Lock()
		return objects.Info{}, m.error(objects.Passing)
	}
	if m.away {
		return objects.Info{}, m.error(objects.Failed)
	}
	d, ok := m.data[key]
	if !ok {
		return objects.Info{}, m.error(objects.Missing)
	}
	return objects.Info{Size: int64(len(d)), ETag: etagOf(d)}, nil
}

func etagOf(d []byte) string { return fmt.Sprintf("%x", sha256.Sum256(d)) }

func (m *memory) Read(_ context.Context, key string, off int64, p []byte, etag string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, ok := m.data[key]
	switch {
	case !ok:
		return m.error(objects.Missing)
	case m.away:
		return m.error(objects.Failed)
	case etag != "" && etag != etagOf(d):
		return m.error(objects.Refused)
	}
	copy(p, d[off:])
	return nil
}

func (m *memory) Put(_ context.Context, key string, data []byte, c objects.Condition) (objects.Info, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, ok := m.data[key]
	switch {
	case m.away:
		return objects.Info{}, m.error(objects.Failed)
	case c.Absent() && ok, c.ETag() != "" && (!ok || c.ETag() != etagOf(d)):
		return objects.Info{}, m.error(objects.Refused)
	}
	m.data[key] = append([]byte{}, data...)
	return objects.Info{Size: int64(len(data)), ETag: etagOf(data)}, nil
}

// buckets are one for each test, as they are kept by name.
var buckets int

func leased(t *testing.T, test func(dir string, take func(id string) *Lock)) {
	t.Helper()
	buckets++
	dir := fmt.Sprintf("memory://b%d/runs/a", buckets)
	synctest.Test(t, func(t *testing.T) {
		test(dir, func(id string) *Lock {
			t.Helper()
			l, err := Acquire(dir, Self("run "+id, id, "worker-0"))
			if err != nil {
				t.Fatalf("%s: %v", id, err)
			}
			return l
		})
	})
}

// TestLeaseIsShared: processes of one run hold the directory together, and another run is refused while one of them renews
// the lease.
func TestLeaseIsShared(t *testing.T) {
	leased(t, func(dir string, take func(string) *Lock) {
		first, second := take("one"), take("one")
		time.Sleep(time.Hour)
		if err := errors.Join(first.Check(), second.Check(), first.Release()); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute)
		began := time.Now()
		_, err := Acquire(dir, Self("run two", "two", "worker-0"))
		if held, ok := errors.AsType[*HeldError](err); !ok || held.Owner.Run != "run one" || held.Dir != dir {
			t.Errorf("another run: %v", err)
		}
		if waited := time.Since(began); waited > 2*renewEvery {
			t.Errorf("it was refused after %v", waited)
		}
		if err := second.Release(); err != nil {
			t.Error(err)
		}
	})
}

// TestLeaseIsReleased: who comes after a run that has ended waits for nothing.
func TestLeaseIsReleased(t *testing.T) {
	leased(t, func(_ string, take func(string) *Lock) {
		if err := take("one").Release(); err != nil {
			t.Error(err)
		}
		began := time.Now()
		two := take("two")
		if waited := time.Since(began); waited > 0 {
			t.Errorf("it waited for %v", waited)
		}
		_ = two.Release()
	})
}

// TestLeaseRunsOut: a run whose processes were killed loses the directory, and one that only could not renew the lease learns that
// it has.
func TestLeaseRunsOut(t *testing.T) {
	leased(t, func(dir string, take func(string) *Lock) {
		one := take("one")
		one.lease.end() // as if it were killed, or frozen
		began := time.Now()
		two := take("two")
		if waited := time.Since(began); waited < leaseTime || waited > 2*leaseTime {
			t.Errorf("it was taken after %v", waited)
		}
		if held, ok := errors.AsType[*HeldError](one.Check()); !ok || held.Owner.ID != "two" {
			t.Errorf("the first run hears %v", one.Check())
		}
		if err := errors.Join(two.Check(), one.Release(), two.Check()); err != nil {
			t.Errorf("the second run has it no more: %v", err)
		}
		_ = two.Release()
	})
}

// TestLeaseOfTwoAtOnce: of two runs that come at the same moment one gets the directory.
func TestLeaseOfTwoAtOnce(t *testing.T) {
	leased(t, func(dir string, take func(string) *Lock) {
		take("one").lease.end()
		var all sync.WaitGroup
		locks := make([]*Lock, 2)
		for i := range locks {
			all.Go(func() { locks[i], _ = Acquire(dir, Self("run", fmt.Sprint(i), "worker-0")) })
		}
		all.Wait()
		if (locks[0] == nil) == (locks[1] == nil) {
			t.Errorf("they got %v", locks)
		}
		for _, l := range locks {
			if l != nil {
				_ = l.Release()
			}
		}
	})
}

// TestLeaseOutlivesTheStore: a store that is away costs nobody the directory.
func TestLeaseOutlivesTheStore(t *testing.T) {
	leased(t, func(_ string, take func(string) *Lock) {
		one := take("one")
		store := one.lease.bucket.Store().(*memory)
		set := func(away bool) {
			store.mu.Lock()
			defer store.mu.Unlock()
			store.away = away
		}
		set(true)
		time.Sleep(time.Minute)
		if one.Check() == nil {
			t.Error("a store that is away says that all is well")
		}
		set(false)
		if err := errors.Join(one.Check(), one.Release()); err != nil {
			t.Error(err)
		}
	})
}

// TestLeaseOutlivesARequest: a request that hangs while another run waits costs nobody the directory.
func TestLeaseOutlivesARequest(t *testing.T) {
	leased(t, func(dir string, take func(string) *Lock) {
		one := take("one")
		store := one.lease.bucket.Store().(*memory)
		store.mu.Lock()
		store.hang = true
		store.mu.Unlock()
		time.Sleep(renewEvery + time.Millisecond) // it hangs now
		two, err := Acquire(dir, Self("run two", "two", "worker-0"))
		if _, held := errors.AsType[*HeldError](err); !held {
			t.Errorf("another run: %v", err)
		}
		if err == nil {
			_ = two.Release()
		}
		time.Sleep(time.Minute) // it has ended
		if err := errors.Join(one.Check(), one.Release()); err != nil {
			t.Error(err)
		}
	})
}
