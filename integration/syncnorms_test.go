package integration

import (
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
	l.wantOneDigest("sync.yaml", []way{
		{nil, []string{"--workers", "1", "--threads", "1"}},
		{nil, []string{"--workers", "2"}},
		{nil, []string{"--workers", "3"}},
		{[]string{"RONDO_TIER=go"}, []string{"--workers", "2"}},
	}, "3", "2")
}

// TestSyncBatchNormMistakes are refused before anything is trained.
func TestSyncBatchNormMistakes(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	l.Write("sync.yaml", syncFile)
	l.wantRefused("sync.yaml", map[string]string{
		"--set sync_batchnorm=false":               "batch.lanes: layer3.0.downsample.1 has one value of each channel in a lane",
		"--set batch.global=1 --set batch.lanes=1": "batch.global: layer3.0.downsample.1 has one value of each channel in the batch",
		"--passes 2 --workers 2":                   "--passes 2 with sync_batchnorm: true",
		"--set sync_batchnorm=maybe":               "sync_batchnorm",
	}, "while training, batch norms see all rows of the batch")
}
