package checkpoint

import (
	"errors"
	"path"
	"slices"
	"strings"
	"testing"
)

// holds wants a directory to hold these names.
func holds(t *testing.T, m *memFS, dir string, want ...string) {
	t.Helper()
	if got, err := m.ReadDir(dir); err != nil || !slices.Equal(got, want) {
		t.Errorf("%s holds %q, want %q: %v", dir, got, want, err)
	}
}

// Discard takes what was written of a checkpoint, and nothing of one that is
// committed or of other people.
func TestDiscard(t *testing.T) {
	m := newMemFS()
	mustSave(t, m, home, 10)
	for _, step := range []uint64{5, 20, 30} {
		for _, c := range contents(1)[:2] {
			if _, err := WriteFile(m, home, step, c); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, name := range []string{"step-000000020/weights.safetensors.tmp", "step-000000030/notes.txt"} {
		if _, err := m.Create(path.Join(home, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []uint64{10, 20, 40} {
		if err := Discard(m, home, step); err != nil {
			t.Errorf("step %d: %v", step, err)
		}
	}
	holds(t, m, home, "step-000000005", "step-000000010", "step-000000030")
	if err := DiscardAll(m, home, 30); err != nil {
		t.Error(err)
	}
	holds(t, m, home, "step-000000010", "step-000000030")
	holds(t, m, home+"/step-000000030", "notes.txt")
	if found, _, err := Newest(m, home); err != nil || found.Step != 10 || Verify(m, home, found) != nil {
		t.Errorf("the newest is %+v: %v", found, err)
	}
	if err := DiscardAll(m, home+"/none", 0); err != nil {
		t.Errorf("of no directory: %v", err)
	}
	if err := DiscardAll(m, home, 9); err != nil { // a run that goes back before the last one
		t.Error(err)
	}
	holds(t, m, home, "step-000000030")
}

// writing is a disk on which another process, each time before something is removed, has put its temporary file in its place.
type writing struct {
	*memFS
	times int // that it writes one more
}

func (w *writing) Remove(name string) error {
	if !strings.HasSuffix(name, temporary) || w.times == 0 {
		return w.memFS.Remove(name)
	}
	if err := w.Rename(name, strings.TrimSuffix(name, temporary)); err != nil {
		return err
	}
	err := w.memFS.Remove(name)
	if w.times--; w.times > 0 {
		if _, err := w.Create(name); err != nil {
			return err
		}
	}
	return err
}

// TestDiscardBesideWriter removes what a worker is writing that the others went on without. That is no error, and if it
// goes on for long, what is left is no checkpoint.
func TestDiscardBesideWriter(t *testing.T) {
	for times, left := range map[int][]string{1: nil, 2: nil, 100: {"step-000000030"}} {
		w := &writing{newMemFS(), times}
		mustSave(t, w.memFS, home, 30)
		if _, err := w.Create(path.Join(home, "step-000000030", "lane-007.safetensors"+temporary)); err != nil {
			t.Fatal(err)
		}
		if err := DiscardAll(w, home, 20); err != nil {
			t.Errorf("%d more files: %v", times, err)
		}
		holds(t, w.memFS, home, left...)
		if _, _, err := Newest(w, home); !errors.Is(err, ErrNone) {
			t.Errorf("%d more files: a checkpoint is found: %v", times, err)
		}
	}
}
