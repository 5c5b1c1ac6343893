package integration

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestSettings starts workers whose run files differ in fields that decide no bits. What the coordinator's says counts
// for all, and the run comes to the digest of an undisturbed one.
func TestSettings(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	want := l.finishedRun()
	c := l.StartCluster(2)
	c.StartWorker("worker-0", "--set", "checkpoint.every=7", "--set", "eval.every=3", "--set", "eval.batches=1",
		"--set", "checkpoint.keep=1", "--set", "name=other")
	l.WantError("a worker with another directory", l.Run(c.WorkerArgs("worker-1", "--set", "checkpoint.dir=elsewhere")...), 1,
		"checkpoint.dir: its elsewhere is another directory than worker-0's cluster", "under whatever path")
	if err := os.Symlink(l.Path(c.Dir), l.Path("mounted")); err != nil {
		t.Fatal(err)
	}
	c.StartWorker("worker-1", "--set", "checkpoint.dir=mounted", "--set", "eval.every=0", "--set", "checkpoint.every=0")
	c.WantLeft(0)
	l.wantRun(c.Dir, want)

	log := c.Workers[0].stderr.String()
	for _, field := range []string{"checkpoint.every: 7 here, 10 there", "eval.every: 3 here, 20 there", "name: other here, small there"} {
		if !strings.Contains(log, "taken from the coordinator") || !strings.Contains(log, field) {
			t.Errorf("the worker's log does not say %q:\n%s", field, log)
		}
	}
	saved, err := filepath.Glob(l.Path(c.Dir, "step-*"))
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range saved {
		saved[i] = filepath.Base(path)
	}
	if !slices.Equal(saved, []string{"step-000000020", "step-000000030", "step-000000040"}) {
		t.Errorf("the checkpoints are %v, where the coordinator's run file says the newest 3 of every 10 steps", saved)
	}
	manifest, err := os.ReadFile(l.Path(c.Dir, "step-000000040", "manifest.json"))
	if err != nil || !strings.Contains(string(manifest), `"run": "small"`) {
		t.Errorf("the checkpoint is of another run: %v", err)
	}
}
