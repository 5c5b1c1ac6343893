package integration

import (
	"regexp"
	"testing"
)

// TestChaos has `rondo chaos` try a small run: the digests are the same, and what it has left is not overwritten.
func TestChaos(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	args := []string{"chaos", "run.yaml", "--workers", "3", "--set", "steps=500", "--set", "checkpoint.every=40", "--every", "400ms"}
	storm := append(args, "--seed", "7", "--faults", "kill,two,all,cut,term,leave,join")
	out := l.Must(storm...)
	m := regexp.MustCompile(`(?m)^calm +([0-9a-f]{64})$\n^chaos +([0-9a-f]{64})$\nthe same bits$`).FindStringSubmatch(out)
	if m == nil || m[1] != m[2] || m[1] != l.Digest("run-calm") || m[1] != l.Digest("run-chaos") {
		t.Errorf("the digests:\n%s", out)
	}
	l.WantError("once more", l.Run(storm...), 1, "run-calm", "holds something")
	rest := append(args, "--calm", "0000000000000000000000000000000000000000000000000000000000000000@200", "--set", "checkpoint.dir=other")
	l.WantError("another digest", l.Run(append(rest, "--faults", "cut", "--every", "200ms")...), 1, "the digests differ")
	l.WantError("no fault", l.Run(append(args, "--set", "checkpoint.dir=third", "--every", "1h", "--for", "100ms")...), 1, "no fault came")
}
