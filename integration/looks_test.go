package integration

import (
	"encoding/json"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// TestLooks measures the layers in every step, on several workers, and comes to the digest of a run at which nobody looks.
func TestLooks(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	digests := map[string]string{}
	for _, run := range [][]string{{"calm", "--workers", "1"}, {"looked", "--workers", "1", "--set", "watch.layers=1"}, {"looked-3", "--workers", "3", "--set", "watch.layers=1"}} {
		if r := l.train(run[0], run[1:]...); r.Code != 0 {
			t.Fatalf("%s: exit status %d\n%s%s", run[0], r.Code, r.Stdout, r.Stderr)
		}
		digests[run[0]] = l.Digest(run[0])
	}
	if digests["looked"] != digests["calm"] || digests["looked-3"] != digests["calm"] {
		t.Errorf("looking shows in the bits: %v", digests)
	}
}

// TestLookInside asks what a network has learnt while it learns: the answers come, and the weights are those of a run that nobody
// looks into.
func TestLookInside(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	sets := setFlags([]string{endless, "batch.length=128", "eval.every=0", "checkpoint.every=20", "checkpoint.keep=1000"}) // none goes while it is read
	p := l.Start(trainArgs("seen", append(sets, "--workers", "2")...)...)
	p.WaitStatus("a checkpoint", func(s api.Status) bool { return len(s.Checkpoints) > 0 })
	var about struct {
		Kind   string
		States []struct{ Name string }
	}
	var where struct {
		Searched int
		Places   []struct{ Text []byte }
	}
	for path, into := range map[string]any{"about": &about, "where?a=2&b=5&length=40": &where} {
		text := ""
		for text = `{"waiting":true}`; text == `{"waiting":true}`; {
			text = fetch(t, p.Page()+"/api/look/"+path)
		}
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatalf("%s: %s: %v", path, text, err)
		}
	}
	if about.Kind != "text" || len(about.States) == 0 || where.Searched == 0 || len(where.Places) == 0 {
		t.Errorf("%+v, %+v", about, where)
	}
	p.Signal(interrupt)
	if r := p.Wait(); r.Code != 130 {
		t.Fatalf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	l.wantReplayed("run.yaml", "seen", sets...)
}
