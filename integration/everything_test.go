package integration

import (
	"runtime"
	"strings"
	"testing"
)

// everyImageFile and everySequenceFile are runs in which all that could let workers show is at work at once. Sets of 50 and
// of 100 samples are no multiple of the batch: epochs end within one, and the held-out set's last lacks rows.
const (
	everyImageFile = `name: every-image
model: {kind: every-image}
task: {kind: class, smoothing: 0.1, class_weights: [1, 2, 0.5, 1]}
data:
  train: phases:train?count=50
  valid: phases:valid?count=21
  augment: crop 14 pad=2, flip, color 0.2 0.2, erase 0.5, mixup 0.4, cutmix 1
  mean: [0.3]
  deviation: [0.4]
batch: {global: 30, lanes: 10}
optimizer: {kind: adamw, lr: 0.01, weight_decay: 0.1, decay_norms: false, average: 0.9, clip: 1}
steps: 9
eval: {every: 4}
checkpoint: {dir: run, every: 4}
`
	everySequenceFile = `name: every-sequence
model: {kind: every-sequence}
task: {kind: class, smoothing: 0.1, class_weights: [1, 2, 0.5]}
data: {train: "phrases:train", valid: "phrases:valid"}
batch: {global: 30, lanes: 10, length: 12}
optimizer: {kind: adam, lr: 0.01, average: 0.9, clip: 1}
steps: 9
eval: {every: 4}
checkpoint: {dir: run, every: 4}
`
)

// TestEverything is the promise with all that is random, summed or padded in one network: batch, group and layer norm,
// squeeze-excitation, stochastic depth, dropout, changed and mixed pictures, weights of classes, smoothing and averages of
// weights; and packed rows, read both ways, with masks.
func TestEverything(t *testing.T) {
	t.Parallel()
	for _, file := range []string{everyImageFile, everySequenceFile} {
		l := customLab(t)
		l.Write("run.yaml", file)
		want := ""
		train := func(dir string, env []string, args ...string) {
			t.Helper()
			if r := l.StartEnv(env, trainArgs(dir, args...)...).Wait(); r.Code != 0 {
				t.Fatalf("%s: exit status %d\n%s%s", dir, r.Code, r.Stdout, r.Stderr)
			}
			got := l.Digest(dir)
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("%s: digest %s, one worker has %s", dir, got, want)
			}
		}
		train("one", nil, "--workers", "1", "--threads", "1")
		train("threads", nil, "--workers", "1", "--threads", "3")
		train("passes", nil, "--workers", "2", "--passes", "3")
		train("three", nil, "--workers", "3", "--threads", "2")
		train("five", nil, "--workers", "5")
		for _, tier := range tiers() {
			train(tier, []string{"RONDO_TIER=" + tier}, "--workers", "2")
		}
		if r := l.train("other", "--set", "seed=2"); r.Code != 0 || l.Digest("other") == want {
			t.Errorf("another seed gives the same digest (exit status %d)", r.Code)
		}
	}
}

// TestTales carries states from piece to piece of tales that stand in order, and begins anew where the data says so: the same
// bits on any number of workers, and through a stop amid tales.
func TestTales(t *testing.T) {
	t.Parallel()
	l := customLab(t)
	l.Write("run.yaml", `name: tales
model: {kind: every-state}
data: {train: "tales:train", valid: "tales:valid"}
batch: {global: 6, lanes: 6, length: 4}
optimizer: {kind: adam, lr: 0.01}
steps: 24
eval: {every: 8}
checkpoint: {dir: run, every: 7, keep: 9}
`)
	one := l.train("one")
	if one.Code != 0 {
		t.Fatalf("exit status %d\n%s%s", one.Code, one.Stdout, one.Stderr)
	}
	l.copyDir("one/step-000000007", "three/step-000000007")
	if r := l.train("three", "--workers", "3", "--passes", "2", "--resume"); r.Code != 0 || l.Digest("three") != l.Digest("one") {
		t.Errorf("three workers, gone on from step 7: exit status %d, digest %s, one worker has %s\n%s", r.Code, l.Digest("three"), l.Digest("one"), r.Stderr)
	}
	held := func(set string) string { // two sets that differ in what begins alone
		r := l.train(set, "--set", "data.train=tales:"+set)
		_, text, _ := strings.Cut(r.Stdout, "step 24/24  held-out ")
		if r.Code != 0 || text == "" {
			t.Fatalf("%s: exit status %d\n%s%s", set, r.Code, r.Stdout, r.Stderr)
		}
		loss, _, _ := strings.Cut(text, "\n")
		return loss
	}
	if loss := held("started"); loss == held("endless") {
		t.Errorf("where tales begin does not matter: held out %s either way", loss)
	}
	if checks := l.Must("train", "run.yaml", "--check"); strings.Contains(checks, "FAILED") {
		t.Errorf("--check says\n%s", checks)
	}
	l.WantError("more rows than pieces", l.train("never", "--set", "batch.global=66"), 1, "62 samples that follow one another are too few: each of the 66 rows")
}

// tiers are the instruction sets of this architecture that give the promised bits: those that the processor lacks are left
// out by whoever runs the test on it.
func tiers() []string {
	if runtime.GOARCH == "arm64" {
		return []string{"neon", "go"}
	}
	return []string{"avx2", "go"} // and avx512, or whichever is the best, without being told
}
