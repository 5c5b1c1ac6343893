package integration

import (
	"fmt"
	"strings"
	"testing"
)

// syncFile is a run whose lanes have one value of a channel in the last norms, and which
// begins its data anew in the midst of a batch.
const syncFile = `name: images
model: {kind: resnet-small, classes: 4, image: 4, width: 8, blocks: 1}
data:
  train: generated:train?count=13
  valid: generated:valid?count=8
batch: {global: 8, lanes: 8}
optimizer: {kind: sgd, lr: 0.01}
schedule: {kind: constant}
steps: 9
checkpoint: {every: 4, keep: 9}
sync_batchnorm: true
`

// TestSyncBatchNormDigest is the promise for norms over the whole batch: workers,
// threads and instruction sets do not show, nor does going on from a checkpoint.
func TestSyncBatchNormDigest(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	l.Write("sync.yaml", syncFile)
	train := func(env []string, dir string, more ...string) Result {
		args := append([]string{"train", "sync.yaml", "--status-addr", "127.0.0.1:0", "--set", "checkpoint.dir=" + dir}, more...)
		return l.StartEnv(env, args...).Wait()
	}
	want := ""
	for i, c := range []struct {
		env  []string
		args []string
	}{
		{nil, []string{"--workers", "1", "--threads", "1"}},
		{nil, []string{"--workers", "2"}},
		{nil, []string{"--workers", "3"}},
		{[]string{"RONDO_TIER=go"}, []string{"--workers", "2"}},
	} {
		dir := fmt.Sprintf("run-%d", i)
		if r := train(c.env, dir, c.args...); r.Code != 0 {
			t.Fatalf("%v: exit status %d\n%s%s", c.args, r.Code, r.Stdout, r.Stderr)
		}
		got := l.Digest(dir)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%v %v: digest %s, one worker has %s", c.env, c.args, got, want)
		}
	}
	if r := train(nil, "part", "--workers", "3", "--set", "steps=4"); r.Code != 0 {
		t.Fatalf("exit status %d\n%s", r.Code, r.Stderr)
	}
	if r := train(nil, "part", "--workers", "2", "--resume", "--set", "steps=9"); r.Code != 0 || l.Digest("part") != want {
		t.Errorf("gone on: exit status %d, digest %s, want %s\n%s", r.Code, l.Digest("part"), want, r.Stderr)
	}
}

// TestSyncBatchNormMistakes are refused before anything is trained.
func TestSyncBatchNormMistakes(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	l.Write("sync.yaml", syncFile)
	for args, want := range map[string]string{
		"--set sync_batchnorm=false":               "batch.lanes: layer3.0.downsample.1 has one value of each channel in a lane",
		"--set batch.global=1 --set batch.lanes=1": "batch.global: layer3.0.downsample.1 has one value of each channel in the batch",
		"--passes 2 --workers 2":                   "--passes 2 with sync_batchnorm: true",
		"--set sync_batchnorm=maybe":               "sync_batchnorm",
	} {
		r := l.Run(append([]string{"train", "sync.yaml"}, strings.Fields(args)...)...)
		if r.Code == 0 || !strings.Contains(r.Stderr, want) || strings.Count(r.Stderr, "\n") > 3 {
			t.Errorf("%s: exit status %d\n%s; want %q", args, r.Code, r.Stderr, want)
		}
	}
	r := l.Run("train", "sync.yaml", "--check")
	if r.Code != 0 || !strings.Contains(r.Stdout, "while training, batch norms see all rows of the batch") {
		t.Errorf("--check: exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}
