package integration

import "testing"

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
