package coordinator

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/tensorboard"
)

// Each step and evaluation is written once, and again where the run went back.
func TestEventFile(t *testing.T) {
	b, clock, s := boardOf(1)
	var out bytes.Buffer
	e := &eventFile{w: tensorboard.NewWriter(&out, clock.Now())}
	s = play(b, clock, s, joins(1)...)
	for _, steps := range [][]uint64{{0, 1, 2}, {3}, {}, {1}} {
		for _, step := range steps {
			s = play(b, clock, s, stepReported{1, report(step, time.Millisecond)})
		}
		s = play(b, clock, s, evaluated{1, &api.Evaluated{Step: 3, Loss: 1, Figures: []*api.Figure{{Name: "accuracy", Value: 0.5}}}})
		if err := e.follow(b); err != nil {
			t.Fatal(err)
		}
	}
	if n := bytes.Count(out.Bytes(), []byte("\x04norm")); n != 5 {
		t.Errorf("%d steps were written, want 4 and the one that was done again", n)
	}
	if n := bytes.Count(out.Bytes(), []byte("held-out/accuracy")); n != 1+1 {
		t.Errorf("%d evaluations were written, want the one, and once more behind the step that was done again", n)
	}
}

// A coordinator writes its file, and one that cannot goes without.
func TestTensorBoard(t *testing.T) {
	dir := t.TempDir()
	for target, want := range map[string]int{filepath.Join(dir, "tb"): 1, filepath.Join(dir, "file", "tb"): 0} {
		if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		cfg := testConfig(t, 1)
		cfg.TensorBoard = target
		c := start(t, cfg)
		f := joinAll(t, c, 1)[0]
		f.step(0)
		await(t, c, "a step", func(s api.Status) bool { return s.Step == 1 })
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		found, err := filepath.Glob(filepath.Join(target, "events.out.tfevents.*"))
		if err != nil || len(found) != want {
			t.Fatalf("%s: %v %v", target, found, err)
		}
		if want > 0 {
			if text, err := os.ReadFile(found[0]); err != nil || !bytes.Contains(text, []byte("\x04loss")) || !bytes.Contains(text, []byte("run file")) {
				t.Errorf("%q %v", text, err)
			}
		}
	}
}
