package coordinator

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// leads has a store campaign that must win at once.
func leads(t *testing.T, s Store, addr string) (lost <-chan struct{}) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	won, err := s.Campaign(ctx, addr)
	if err != nil {
		t.Fatal(err)
	}
	return won.Lost
}

// stores are a pair of accesses to one record of each kind.
func stores(t *testing.T) map[string][2]Store {
	memory := NewMemoryStores()
	local := startLocal(t, filepath.Join(t.TempDir(), "record"))
	etcd := startEtcd(t)
	return map[string][2]Store{
		"memory": {memory.Store(), memory.Store()},
		"file":   {local.Store("r"), local.Store("r")},
		"etcd":   {&etcdStore{client: etcd, run: "r"}, &etcdStore{client: etcd, run: "r"}},
	}
}

// What is written is read back, by another coordinator too.
func TestRecordRoundTrip(t *testing.T) {
	for name, pair := range stores(t) {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			r := record{pair[0]}
			leads(t, pair[0], "a")
			want := pastRun{
				Run:         runInfo{ID: "1", Name: "r", Bits: map[string]string{"seed": "1"}, Started: time.Unix(1, 0).UTC()},
				View:        View{Generation: 3, Lanes: 4, Workers: []ViewWorker{{"w", "i", "h", 0, 4}}, Step: 5, Digest: "d"},
				Phase:       phaseInfo{api.PhaseTraining, "why"},
				Journal:     []JournalEntry{{Step: 9, Checkpoint: true}, {Step: 10, Stop: true, Reason: "x"}},
				Asks:        []ask{{ID: 2, At: 12, LR: 1e-4, Reason: "y"}, {ID: 3, At: 20, Clear: true}},
				Checkpoints: []Checkpoint{{Step: 5, Digest: "d", Path: "p", At: time.Unix(2, 0).UTC(), Bytes: 7}},
			}
			err := errors.Join(r.put(ctx, "run", "of an earlier run"), r.begin(ctx, want.Run), r.put(ctx, keyView, want.View), r.put(ctx, keyPhase, want.Phase),
				r.putJournal(ctx, want.Journal[1]), r.putJournal(ctx, want.Journal[0]), r.put(ctx, keyCheckpoints, want.Checkpoints), r.put(ctx, keyAsks, want.Asks))
			if err != nil {
				t.Fatal(err)
			}
			got, err := record{pair[1]}.read(ctx)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("read %+v, %v\nwant %+v", got, err, want)
			}
			if err := r.put(ctx, keyView, "not a view"); err != nil {
				t.Fatal(err)
			}
			if _, err := r.read(ctx); err == nil || !strings.Contains(err.Error(), "view") {
				t.Errorf("a view that is none: %v", err)
			}
		})
	}
}

// One leads, and one alone can write; the other leads when it resigns.
func TestElection(t *testing.T) {
	for name, pair := range stores(t) {
		t.Run(name, func(t *testing.T) {
			ctx, a, b := t.Context(), pair[0], pair[1]
			if who, err := a.Leader(ctx); who != (leader{}) || err != nil {
				t.Errorf("before: leader %v, %v", who, err)
			}
			if err := a.Put(ctx, "k", []byte("0")); !errors.Is(err, ErrNotLeader) {
				t.Errorf("a write before the election: %v", err)
			}
			lost := leads(t, a, "a:1")
			first, err := b.Leader(ctx)
			if first.Addr != "a:1" || first.Term == 0 || err != nil {
				t.Errorf("leader %v, %v", first, err)
			}
			if err := errors.Join(a.Put(ctx, "k", []byte(`"v"`)), b.Resign(ctx)); err != nil {
				t.Error(err)
			}
			if err := b.Put(ctx, "k", []byte("0")); !errors.Is(err, ErrNotLeader) {
				t.Errorf("a write by the other: %v", err)
			}
			impatient, cancel := context.WithCancel(ctx)
			cancel()
			if _, err := b.Campaign(impatient, "b:1"); err == nil {
				t.Error("two lead")
			}
			won := make(chan error, 1)
			go func() {
				_, err := b.Campaign(ctx, "b:2")
				won <- err
			}()
			if err := a.Resign(ctx); err != nil {
				t.Error(err)
			}
			select {
			case err := <-won:
				if err != nil {
					t.Fatal(err)
				}
			case <-time.After(within):
				t.Fatal("nobody leads after a resignation")
			}
			select {
			case <-lost:
			case <-time.After(within):
				t.Fatal("the old leader does not hear that it leads no more")
			}
			if second, err := a.Leader(ctx); second.Addr != "b:2" || second.Term <= first.Term || err != nil {
				t.Errorf("leader %v after %v, %v", second, first, err)
			}
			if err := a.Clear(ctx); !errors.Is(err, ErrNotLeader) {
				t.Errorf("a write by the old leader: %v", err)
			}
			if values, err := b.Load(ctx); err != nil || string(values["k"]) != `"v"` || len(values) != 1 {
				t.Errorf("values %q, %v", values, err)
			}
		})
	}
}
