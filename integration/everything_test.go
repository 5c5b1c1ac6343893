package integration

import (
	"runtime"
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

// tiers are the instruction sets of this architecture that give the promised bits: those that the processor lacks are left
// out by whoever runs the test on it.
func tiers() []string {
	if runtime.GOARCH == "arm64" {
		return []string{"neon", "go"}
	}
	return []string{"avx2", "go"} // and avx512, or whichever is the best, without being told
}
