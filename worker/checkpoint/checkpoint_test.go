package checkpoint

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// testBits stands for the bits-deciding fields of a run file.
var testBits = map[string]string{"batch.lanes": "2", "model.hidden": "3", "seed": "1"}

// contents are the files of a small checkpoint; v tells those of one step from another's.
func contents(v float32) []FileContent {
	return []FileContent{
		{FileName(Weights), []safetensors.Tensor{
			{Name: "rnn.weight", Shape: []int{2, 3}, Data: []float32{v, 1, 2, 3, 4, 5}},
			{Name: "rnn.bias", Shape: []int{3}, Data: []float32{6, v, 8}},
		}},
		{FileName(Optimizer), []safetensors.Tensor{
			{Name: "rnn.weight", Shape: []int{2, 3}, Data: []float32{v, v, v, v, v, v}},
			{Name: "count", Shape: []int{}, Data: []int64{int64(v)}},
		}},
		{FileName(LaneGroup(0)), []safetensors.Tensor{{Name: "rnn.h", Shape: []int{1, 2}, Data: []float32{v, 0}}}},
		{FileName(LaneGroup(1)), []safetensors.Tensor{{Name: "rnn.h", Shape: []int{1, 2}, Data: []float32{0, v}}}},
	}
}

// manifest is that of a step before its files are known.
func manifest(step uint64) *Manifest {
	return &Manifest{Run: "test", Version: "v0", Step: step, Epoch: step / 10, DataHash: "d", Bits: testBits}
}

// save writes, verifies and commits a checkpoint, as the workers do together.
func save(fs FS, dir string, step uint64) (*Manifest, error) {
	m := manifest(step)
	for _, c := range contents(float32(step)) {
		info, err := WriteFile(fs, dir, step, c)
		if err != nil {
			return nil, err
		}
		if err := VerifyFile(fs, dir, step, info); err != nil {
			return nil, err
		}
		m.Files = append(m.Files, info)
	}
	return m, Commit(fs, dir, m)
}

func mustSave(t *testing.T, fs FS, dir string, step uint64) *Manifest {
	t.Helper()
	m, err := save(fs, dir, step)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSaveAndLoad(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs", "deep", "test")
	if _, _, err := Newest(OS{}, dir); !errors.Is(err, ErrNone) {
		t.Fatalf("before anything is there: %v, want ErrNone", err)
	}
	mustSave(t, OS{}, dir, 10)
	want := mustSave(t, OS{}, dir, 20)
	m, path, err := Newest(OS{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	if path != filepath.Join(dir, "step-000000020") || m.Digest != want.Digest || m.Step != 20 || m.Epoch != 2 {
		t.Errorf("newest is %s %+v", path, m)
	}
	s, err := Load(OS{}, dir, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range contents(20) {
		group := groupOf(c.Name)
		if got := s.Tensors(group); len(got) != len(c.Tensors) {
			t.Errorf("%s: %d tensors, want %d", group, len(got), len(c.Tensors))
		}
	}
	bias := make([]float32, 3)
	if err := s.Float32(Weights, "rnn.bias", []int{3}, bias); err != nil || bias[1] != 20 {
		t.Errorf("bias %v: %v", bias, err)
	}
	count, err := s.Tensor(Optimizer, "count")
	if err != nil || count.Data.([]int64)[0] != 20 {
		t.Errorf("count %v: %v", count, err)
	}
}

func TestLoadSomeGroups(t *testing.T) {
	dir := t.TempDir()
	m := mustSave(t, OS{}, dir, 7)
	s, err := Load(OS{}, dir, m, Weights, LaneGroup(1))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Tensors(Weights)) != 2 || len(s.Tensors(LaneGroup(1))) != 1 || len(s.Tensors(LaneGroup(0))) != 0 {
		t.Errorf("loaded %v", s.tensors)
	}
	if _, err := Load(OS{}, dir, m, LaneGroup(2)); err == nil || !strings.Contains(err.Error(), "lane-002.safetensors") {
		t.Errorf("a lane that is not there: %v", err)
	}
	for _, c := range []struct {
		name  string
		shape []int
	}{{"rnn.gate", []int{3}}, {"rnn.bias", []int{1, 3}}} {
		err := s.Float32(Weights, c.name, c.shape, make([]float32, 3))
		if err == nil || !strings.Contains(err.Error(), c.name) || !strings.Contains(err.Error(), "another model") {
			t.Errorf("%s%v: %v", c.name, c.shape, err)
		}
	}
}

func TestCommittedStays(t *testing.T) {
	dir := t.TempDir()
	m := mustSave(t, OS{}, dir, 5)
	if _, err := WriteFile(OS{}, dir, 5, contents(6)[0]); !errors.Is(err, ErrCommitted) {
		t.Errorf("writing a file: %v, want ErrCommitted", err)
	}
	if err := Commit(OS{}, dir, m); !errors.Is(err, ErrCommitted) {
		t.Errorf("committing again: %v, want ErrCommitted", err)
	}
	if err := Verify(OS{}, dir, m); err != nil {
		t.Error(err)
	}
}

func TestBadNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"", "..", "../x.safetensors", "/x.safetensors", "a/b.safetensors", "manifest.json", "Weights.safetensors", "x.safetensors.tmp", "x.1.safetensors"} {
		if _, err := WriteFile(OS{}, dir, 1, FileContent{Name: name}); err == nil {
			t.Errorf("a file named %q was written", name)
		}
	}
	if _, err := WriteFile(OS{}, dir, 1_000_000_000, contents(1)[0]); err == nil {
		t.Error("a step of ten digits was written")
	}
}
