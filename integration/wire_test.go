package integration

import (
	"fmt"
	"testing"
)

// TestSameDigestBFloat16 is the promise for gradients that travel in bfloat16:
// they are rounded at every lane, so it does not show whose lanes those are.
func TestSameDigestBFloat16(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	if r := l.train("float32", "--workers", "2"); r.Code != 0 {
		t.Fatalf("exit status %d\n%s", r.Code, r.Stderr)
	}
	want := ""
	for workers := 1; workers <= 3; workers++ {
		dir := fmt.Sprintf("bf16-%d", workers)
		if r := l.train(dir, "--workers", fmt.Sprint(workers), "--set", "ring.wire=bf16"); r.Code != 0 {
			t.Fatalf("%d workers: exit status %d\n%s", workers, r.Code, r.Stderr)
		}
		got := l.Digest(dir)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%d workers: digest %s; one worker has %s", workers, got, want)
		}
	}
	if want == l.Digest("float32") {
		t.Error("ring.wire shows in no bit")
	}
}
