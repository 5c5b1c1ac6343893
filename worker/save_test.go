package worker

import (
	"fmt"
	"log/slog"
	"maps"
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

// A worker copies what its place in the ring has it save, into the same memory each time.
func TestSnapshotOfPlace(t *testing.T) {
	f := smallFile(t, "optimizer.kind=adam")
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := newTrainer(Config{File: f, Threads: 1, Passes: 1, Log: slog.New(slog.DiscardHandler)}, laneRange{0, f.Batch.Lanes}, train, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	s := &saver{copied: map[string][]float32{}}
	for _, c := range []struct {
		first, last bool
		times       int // numbers of the optimizer and of the weights, in weights
	}{{true, true, 3}, {true, false, 1}, {false, true, 2}, {false, false, 0}, {false, true, 2}} {
		s.first.Store(c.first)
		s.last = c.last
		s.forget()
		files := s.snapshot(tr)
		kept := maps.Clone(s.copied)
		s.snapshot(tr)
		numbers := 0
		for name, data := range s.copied {
			if !strings.HasPrefix(name, "lane-") {
				numbers += len(data)
			}
			if len(data) > 0 && &data[0] != &kept[name][0] {
				t.Errorf("%+v: other memory for %s the second time", c, name)
			}
		}
		if want := c.times * tr.params.Size(); numbers != want {
			t.Errorf("%+v: copies of %d numbers, want %d", c, numbers, want)
		}
		if want := f.Batch.Lanes + min(1, c.times) + c.times/3; len(files) != want {
			t.Errorf("%+v: %d files, want %d", c, len(files), want)
		}
	}
}
