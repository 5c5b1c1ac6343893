package worker

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/data/shard"
)

// TestFailureKinds: the coordinator decides by the kind whom to blame, what to
// wait for and what to advise.
func TestFailureKinds(t *testing.T) {
	w := &worker{seat: &seat{view: &api.View{Peers: []*api.Peer{{Name: "worker-0"}, {Name: "worker-1"}}}}}
	w.applied.Store(7)
	for want, err := range map[api.Failed_Kind]error{
		api.Failed_PEER:       &allreduce.PeerError{Worker: 1, Peer: "worker-1 at unix:///s", Op: "read", Err: errors.New("reset")},
		api.Failed_NON_FINITE: &NonFiniteError{Step: 9, Where: "rnn", Lane: 0},
		api.Failed_DATA:       &shard.CorruptError{Shard: "train-00000.shard", Block: 1, What: "CRC"},
		api.Failed_CHECKPOINT: &LoadError{errors.New("damaged")},
		api.Failed_OTHER:      errors.New("something else"),
	} {
		f := w.failure(fmt.Errorf("step 9: %w", err)).GetFailed()
		if f.Kind != want {
			t.Errorf("%v: kind %v, want %v", err, f.Kind, want)
		}
		if want == api.Failed_PEER && f.Peer != "worker-1" {
			t.Errorf("peer %q, want worker-1", f.Peer)
		}
		if step := map[bool]uint64{true: 9, false: 7}[want == api.Failed_NON_FINITE]; f.Step != step {
			t.Errorf("%v: step %d, want %d", err, f.Step, step)
		}
	}
	if f := w.failure(&allreduce.PeerError{Worker: -1, Err: errors.New("no handshake")}).GetFailed(); f.Kind != api.Failed_OTHER {
		t.Errorf("a peer that no handshake named: kind %v", f.Kind)
	}
}

// A worker remembers which checkpoint was committed last, for when the coordinator is lost.
func TestCheckpointDone(t *testing.T) {
	var log strings.Builder
	c := &control{session: &session{out: newOutbox()}, saver: &saver{log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}}
	for _, done := range []*api.CheckpointDone{{Step: 10, Digest: "d"}, {Step: 20, Error: "disk full"}} {
		c.handle(t.Context(), &api.ToWorker{Message: &api.ToWorker_CheckpointDone{CheckpointDone: done}})
	}
	if c.newest() != 10 || !strings.Contains(log.String(), "abandoned") || !strings.Contains(log.String(), "disk full") {
		t.Errorf("the newest is of step %d; log:\n%s", c.newest(), log.String())
	}
	lost := &LostCoordinatorError{Coordinator: "host:1", Dir: "runs/x", Committed: c.newest(), Err: errors.New("reset")}
	if want := "the newest checkpoint in runs/x, at least that of step 10"; !strings.HasSuffix(lost.Error(), want) {
		t.Errorf("got %q, want it to end in %q", lost, want)
	}
}
