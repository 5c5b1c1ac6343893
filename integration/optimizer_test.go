package integration

import (
	"regexp"
	"strings"
	"testing"
)

// TestResumeListening stops at each evaluation of a run whose rate listens to
// them and that averages its weights: all of it is in the checkpoints, and the
// average is what `rondo eval` measures.
func TestResumeListening(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	text := strings.NewReplacer("steps: 40", "steps: 24", "optimizer: {kind: adam,", "optimizer: {kind: adamw, average: 0.9,",
		"{kind: linear, warmup: 5}", "{kind: plateau, factor: 0.5, patience: 0, threshold: 0.3}", "eval: {every: 20}", "eval: {every: 4}").Replace(runFile)
	l.Write("run.yaml", text)
	args := []string{"--workers", "2", "--set", "checkpoint.every=4", "--set", "checkpoint.keep=9"}
	calm := l.train("calm", args...)
	if calm.Code != 0 {
		t.Fatalf("exit status %d\n%s%s", calm.Code, calm.Stdout, calm.Stderr)
	}
	want := l.Digest("calm")
	held := l.Must("eval", "calm", "--data", "shards/valid")

	for _, step := range []string{"step-000000004", "step-000000016"} {
		cut := "cut-" + step
		l.copyDir("calm/"+step, cut+"/"+step)
		if r := l.train(cut, "--workers", "3", "--resume", "--set", "checkpoint.every=4"); r.Code != 0 {
			t.Fatalf("%s: exit status %d\n%s%s", step, r.Code, r.Stdout, r.Stderr)
		}
		if got := l.Digest(cut); got != want {
			t.Errorf("gone on from %s: digest %s, undisturbed %s", step, got, want)
		}
	}
	// What training measured last, of the average, is what a use of the checkpoint finds.
	said := regexp.MustCompile(`held out +([0-9.]+) `).FindStringSubmatch(calm.Stdout)
	if said == nil || !strings.HasPrefix(held, said[1]+" ") {
		t.Errorf("training ends with %v, eval says %q", said, held)
	}
}
