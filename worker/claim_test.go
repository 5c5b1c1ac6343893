package worker

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/dirlock"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// Workers of one run share checkpoint.dir; one of another run is refused with
// the directory and the run that has it, and the coordinator takes its word for
// a fault of the directory, not of a peer.
func TestClaim(t *testing.T) {
	dir := t.TempDir()
	of := func(run, name string) *worker {
		f := runfile.Default(run)
		f.Checkpoint.Dir = dir
		return &worker{cfg: Config{File: f, Name: name, Log: slog.New(slog.DiscardHandler)}}
	}
	first, second, stranger := of("one", "worker-0"), of("one", "worker-1"), of("two", "worker-0")
	if err := errors.Join(first.claim("id-1"), second.claim("id-1")); err != nil {
		t.Fatal(err)
	}
	if held := first.dirLock; first.claim("id-1") != nil || first.dirLock != held {
		t.Error("the next view takes another lock")
	}
	err := stranger.claim("id-2")
	for _, want := range []string{"checkpoint.dir", dir, `run "one"`, "another checkpoint.dir"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
	if f := stranger.failure(err).GetFailed(); f.Kind != api.Failed_CHECKPOINT {
		t.Errorf("kind %v", f.Kind)
	}
	first.close()
	if err := stranger.claim("id-2"); err == nil {
		t.Error("another run has the directory while a worker of the first lives")
	}
	second.close()
	if err := stranger.claim("id-2"); err != nil {
		t.Error(err)
	}
	stranger.close()
}

func TestClaimNowhere(t *testing.T) {
	f := runfile.Default("one")
	f.Checkpoint.Dir = "/dev/null/none"
	err := (&worker{cfg: Config{File: f, Name: "worker-0"}}).claim("id-1")
	if held, is := errors.AsType[*dirlock.HeldError](err); is || err == nil || !strings.Contains(err.Error(), "/dev/null/none") {
		t.Errorf("got %v, held by %v", err, held)
	}
}
