package worker

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// A checkpoint is committed with the weights and the states of all lanes, and not without one of them, whoever asks for it.
func TestCommitOfAllLanes(t *testing.T) {
	f := &runfile.File{}
	f.Checkpoint.Dir, f.Checkpoint.Keep, f.Batch.Lanes = t.TempDir(), 2, 3
	told := make(chan *api.Committed, 1)
	s := newSaver(Config{File: f, Log: slog.New(slog.DiscardHandler)}, checkpoint.Manifest{Format: checkpoint.Format, Version: "v"}, func(m *api.FromWorker) { told <- m.GetCommitted() })
	defer s.drain()
	var files []*api.FileInfo
	for _, group := range []string{checkpoint.LaneGroup(0), checkpoint.LaneGroup(1), checkpoint.LaneGroup(2), checkpoint.Weights} {
		info, err := s.write(7, checkpoint.FileContent{Name: checkpoint.FileName(group), Tensors: []safetensors.Tensor{{Name: "x", Shape: []int{1}, Data: []float32{1}}}})
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, toAPI(info))
	}
	for i, without := range []string{"lane-000", "lane-001", "lane-002", "weights"} {
		some := append(append([]*api.FileInfo{}, files[:i]...), files[i+1:]...)
		s.commit(&api.Commit{Step: 7, Files: some})
		if got := <-told; !strings.HasPrefix(got.Error, fmt.Sprintf("%s.safetensors is missing", without)) {
			t.Errorf("without %s: %q", without, got.Error)
		}
		if _, err := checkpoint.At(s.fs, s.dir, 7); err == nil {
			t.Errorf("it was committed without %s", without)
		}
	}
	s.commit(&api.Commit{Step: 7, Files: files})
	if got := <-told; got.Error != "" {
		t.Error(got.Error)
	}
	if _, err := checkpoint.At(s.fs, s.dir, 7); err != nil {
		t.Error(err)
	}
}
