package integration

import (
	"fmt"
	"strings"
	"testing"
)

// imageFile is a small run of a network with batch norms on generated images.
const imageFile = `name: images
model: {kind: resnet18, classes: 4, image: 16}
data:
  train: generated:train?count=100
  valid: generated:valid?count=18
batch: {global: 12, lanes: 6}
optimizer: {kind: sgd, lr: 0.01}
steps: 6
eval: {every: 3}
checkpoint: {every: 2, keep: 9}
`

// TestImageDigest is the promise for networks of images: workers, threads,
// passes and instruction sets do not show, nor does going on from a checkpoint.
func TestImageDigest(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	l.Write("images.yaml", imageFile)
	train := func(env []string, dir string, more ...string) Result {
		args := append([]string{"train", "images.yaml", "--status-addr", "127.0.0.1:0", "--set", "checkpoint.dir=" + dir}, more...)
		r := l.StartEnv(env, args...).Wait()
		if r.Code != 0 {
			t.Fatalf("%s: exit status %d\n%s%s", dir, r.Code, r.Stdout, r.Stderr)
		}
		return r
	}
	r := train(nil, "one", "--workers", "1", "--threads", "1")
	want := l.Digest("one")
	for _, part := range []string{want, "bits/image, ", " % right\n", "image/s", "rondo eval one --data 'generated:valid?count=18'"} {
		if !strings.Contains(r.Stdout, part) {
			t.Errorf("%q is not in the summary:\n%s", part, r.Stdout)
		}
	}
	for i, c := range []struct {
		env  []string
		args []string
	}{
		{nil, []string{"--workers", "2"}},
		{nil, []string{"--workers", "3", "--passes", "2"}},
		{[]string{"GOMAXPROCS=1"}, []string{"--workers", "1", "--set", "eval.every=0"}},
	} {
		dir := fmt.Sprintf("other-%d", i)
		train(c.env, dir, c.args...)
		if got := l.Digest(dir); got != want {
			t.Errorf("%v %v: digest %s, one worker has %s", c.env, c.args, got, want)
		}
	}
	// Plain Go computes fused multiply-adds exactly, and slowly: one step will do.
	train(nil, "fast", "--set", "steps=1")
	train([]string{"RONDO_TIER=go"}, "slow", "--workers", "2", "--set", "steps=1")
	if got, want := l.Digest("slow"), l.Digest("fast"); got != want {
		t.Errorf("plain Go: digest %s, otherwise %s", got, want)
	}
	r = l.Run("eval", "one", "--data", "generated:valid?count=18")
	if r.Code != 0 || !strings.Contains(r.Stdout, " % right, calibration error ") || !strings.Contains(r.Stdout, " over 18 images") {
		t.Errorf("rondo eval: exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	r = l.Run("sample", "one")
	if r.Code == 0 || !strings.Contains(r.Stderr, "holds a resnet18, which writes no text") {
		t.Errorf("rondo sample: exit status %d\n%s", r.Code, r.Stderr)
	}
}

// TestImageResume stops a run between checkpoints and goes on.
func TestImageResume(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	l.Write("images.yaml", imageFile)
	on := []string{"--set", endless}
	l.interrupted("images.yaml", "stopped", append(on, "--workers", "2"), 5)
	l.interrupted("images.yaml", "stopped", append(on, "--workers", "3", "--resume"), 5)
	l.wantReplayed("images.yaml", "stopped", on...)
}

// TestImageErrors gives run files that do not fit their model.
func TestImageErrors(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	l.Write("images.yaml", imageFile)
	for set, want := range map[string]string{
		"model.cell=lstm":           "model.cell",
		"data.train=shards/train":   "data.train: no shard set at shards/train",
		"data.valid=generated:v":    `count "" is no number`,
		"batch.lanes=12":            "batch.lanes: layer3.0.downsample.1 has one value",
		"model.image=8":             "model.image: 8 is not allowed",
		"data.train=generated:?x=1": "data.train",
	} {
		r := l.Run("train", "images.yaml", "--set", set)
		if r.Code == 0 || !strings.Contains(r.Stderr, want) || strings.Count(r.Stderr, "\n") > 3 {
			t.Errorf("--set %s: exit status %d\n%s; want %q", set, r.Code, r.Stderr, want)
		}
	}
}
