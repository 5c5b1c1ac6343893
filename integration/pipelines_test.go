package integration

import (
	"fmt"
	"syscall"
	"testing"
)

// pipelinesFile is a small AlexNet, a pipeline of which each of two lanes computes. It begins its data anew in the midst
// of a batch.
const pipelinesFile = `name: pipelines
model: {kind: alexnet-caffe, classes: 4, image: 67, width: 0.125}
data:
  train: generated:train?count=21
  valid: generated:valid?count=6
batch: {global: 4, lanes: 2, pipelines: 2}
optimizer: {kind: sgd, lr: 0.01}
schedule: {kind: constant}
steps: 9
checkpoint: {every: 4, keep: 9}
`

// TestPipelinesDigest is the promise for a network whose pipelines lie on one worker or on two: workers, threads and
// instruction sets do not show, nor does going on from a checkpoint.
func TestPipelinesDigest(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	l.Write("pipelines.yaml", pipelinesFile)
	l.wantOneDigest("pipelines.yaml", []way{
		{nil, []string{"--workers", "1", "--threads", "1"}},
		{nil, []string{"--workers", "2"}},
		{[]string{"RONDO_TIER=go"}, []string{"--workers", "1", "--threads", "3"}},
	}, "2", "1")
	l.Must("eval", "part", "--data", "generated:valid?count=6") // by the whole network
}

// TestPipelinesFaults kills a worker that has one of the two pipelines, and one of three that have two groups between
// them, in whatever exchange it is. The others go on, with the weights of a calm run.
func TestPipelinesFaults(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	l.Write("pipelines.yaml", pipelinesFile)
	sets := []string{endless, "eval.every=0", "checkpoint.every=10"}
	for _, c := range []struct{ lanes, workers, victim int }{{2, 2, 0}, {2, 2, 1}, {4, 3, 1}} {
		dir := fmt.Sprintf("run-%d-%d", c.workers, c.victim)
		l.strikeOf(c.workers, "pipelines.yaml", dir, append(sets, fmt.Sprintf("batch.lanes=%d", c.lanes)), 5, 10, c.workers, blow{c.victim, syscall.SIGKILL, 0})
	}
}

// TestPipelinesMistakes are refused before anything is trained, and --check says how the run is laid out.
func TestPipelinesMistakes(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	l.Write("pipelines.yaml", pipelinesFile)
	l.wantRefused("pipelines.yaml", map[string]string{
		"--set batch.lanes=1":                        "batch.pipelines: found 2, want a divisor of batch.lanes = 1",
		"--set batch.pipelines=4":                    "batch.pipelines: found 4, want 1 or 2",
		"--set model.kind=zfnet":                     "batch.pipelines: found 2, want nothing: zfnet is a network in one piece",
		"--passes 2 --workers 1":                     "--passes 2 with batch.pipelines: 2",
		"--set model.width=0.01 --set model.image=9": "model.image",
	}, "pipelines ok      lane l computes pipeline l mod 2")
}
