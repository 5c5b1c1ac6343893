package coordinator

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// fullStore has no room for a while, or other trouble.
type fullStore struct {
	Store
	until time.Time
	err   error
}

func (f *fullStore) Put(context.Context, string, []byte) error {
	if time.Now().Before(f.until) {
		return f.err
	}
	return nil
}

// TestRecordView waits for room in a full record and says so once; any other error, and a lead that is lost meanwhile, are the caller's.
func TestRecordView(t *testing.T) {
	full := (&EtcdConfig{}).explain(rpctypes.ErrNoSpace)
	for _, c := range []struct {
		name  string
		err   error
		lasts time.Duration // of the trouble
		lost  time.Duration // after which the lead is; 0: never
		want  error
		took  time.Duration
	}{
		{"there is room", full, 0, 0, nil, 0},
		{"full for a while", full, 90 * time.Second, 0, nil, 90 * time.Second},
		{"full, and the lead is lost", full, time.Hour, 20500 * time.Millisecond, errNoSpace, 20500 * time.Millisecond},
		{"another leads", ErrNotLeader, time.Hour, 0, ErrNotLeader, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began, clock, lost := time.Now(), SystemClock{}, make(chan struct{})
				term := &term{plan: &plan{}, clock: clock, log: quiet, hub: newHub(1), board: newBoard(clock, quiet, api.Run{}), lost: lost,
					record: record{&fullStore{until: began.Add(c.lasts), err: c.err}}}
				if c.lost > 0 {
					time.AfterFunc(c.lost, func() { close(lost) })
				}
				if err := term.recordView(t.Context(), View{Generation: 2}); !errors.Is(err, c.want) {
					t.Errorf("%v, want %v", err, c.want)
				}
				if took := time.Since(began); took != c.took {
					t.Errorf("it took %v, want %v", took, c.took)
				}
				told := 0
				for _, e := range term.board.Status().Events {
					if e.What == "the next ring waits for room in the record" {
						told++
					}
				}
				if want := c.err == full && c.lasts > 0; (told == 1) != want || told > 1 {
					t.Errorf("it was told %d times", told)
				}
			})
		})
	}
}
