package checkpoint

import (
	"errors"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// TestDamage flips a bit of, cuts, and removes each file of the newest checkpoint. Newest or Load names the
// file, VerifyAll finds it and no other, and Rotate neither removes nor counts it.
func TestDamage(t *testing.T) {
	start := newMemFS()
	for _, step := range []uint64{10, 20, 30} {
		mustSave(t, start, home, step)
	}
	names, err := start.ReadDir(home + "/step-000000030")
	if err != nil {
		t.Fatal(err)
	}
	damages := map[string]func(dir *node, name string){
		"flipped": func(dir *node, name string) { n := dir.names[name]; n.data[len(n.data)/2] ^= 4 },
		"cut":     func(dir *node, name string) { n := dir.names[name]; n.data = n.data[:len(n.data)-1] },
		"removed": func(dir *node, name string) { delete(dir.names, name) },
	}
	for _, name := range names {
		for how, damage := range damages {
			if how == "removed" && name == manifestName {
				continue // that is how a checkpoint ceases to be one
			}
			m := copied(start)
			dir, err := m.find(home + "/step-000000030")
			if err != nil {
				t.Fatal(err)
			}
			damage(dir, name)
			found, _, err := Newest(m, home)
			if err == nil {
				_, err = Load(m, home, found)
			}
			for _, want := range []string{path.Join(home, "step-000000030", name), "damaged", "remove " + home + "/step-000000030"} {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s %s: %v\nwant %q in it", name, how, err, want)
				}
			}
			all, err := VerifyAll(m, home)
			if err != nil || len(all) != 3 || all[0].Err != nil || all[1].Err != nil || all[2].Err == nil {
				t.Errorf("%s %s: VerifyAll finds %v: %v", name, how, all, err)
			}
		}
	}
}

// TestRotateKeepsDamaged rotates beside a checkpoint whose manifest is damaged.
func TestRotateKeepsDamaged(t *testing.T) {
	m := newMemFS()
	for _, step := range []uint64{10, 20, 30} {
		mustSave(t, m, home, step)
	}
	n, err := m.find(home + "/step-000000030/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	n.data[5] ^= 1
	if err := Rotate(m, home, Keeping{Newest: 1}, maxStep); err == nil || !strings.Contains(err.Error(), "step-000000030/manifest.json") {
		t.Errorf("the damaged one is not named: %v", err)
	}
	left, err := m.ReadDir(home)
	if err != nil || !slices.Equal(left, []string{"step-000000020", "step-000000030"}) {
		t.Errorf("left are %q: %v", left, err)
	}
	if err := Rotate(m, home, Keeping{Newest: 0}, maxStep); err == nil {
		t.Error("none were to be kept, and that is no error")
	}
}

// TestRotateKnown keeps the checkpoint that the run knows of, whatever there is of later ones.
func TestRotateKnown(t *testing.T) {
	for known, want := range map[uint64][]string{5: {"10", "20", "30", "40"}, 20: {"20", "30", "40"}, 39: {"30", "40"}, 40: {"40"}} {
		m := newMemFS()
		for _, step := range []uint64{10, 20, 30, 40} {
			mustSave(t, m, home, step)
		}
		if err := Rotate(m, home, Keeping{Newest: 1}, known); err != nil {
			t.Fatal(err)
		}
		left, err := m.ReadDir(home)
		for i := range left {
			left[i] = strings.TrimPrefix(left[i], "step-0000000")
		}
		if err != nil || !slices.Equal(left, want) {
			t.Errorf("known is step %d: left are %q, want %q: %v", known, left, want, err)
		}
	}
}

// TestRotateEvery keeps the newest, and those of every so many steps, however often it comes by.
func TestRotateEvery(t *testing.T) {
	m := newMemFS()
	for step := uint64(10); step <= 90; step += 10 {
		mustSave(t, m, home, step)
		if err := Rotate(m, home, Keeping{Newest: 2, Every: 30}, step); err != nil {
			t.Fatal(err)
		}
	}
	left, err := m.ReadDir(home)
	if want := []string{"step-000000030", "step-000000060", "step-000000080", "step-000000090"}; err != nil || !slices.Equal(left, want) {
		t.Errorf("left are %q, want %q: %v", left, want, err)
	}
}

// TestRotateLeavesOthers rotates a directory that holds a user's own files.
func TestRotateLeavesOthers(t *testing.T) {
	m := newMemFS()
	mustSave(t, m, home, 10)
	for _, name := range []string{"step-000000010/notes.txt", "step-7", "best"} {
		if _, err := m.Create(path.Join(home, name)); err != nil {
			t.Fatal(err)
		}
	}
	mustSave(t, m, home, 20)
	if err := Rotate(m, home, Keeping{Newest: 1}, maxStep); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string][]string{
		home:                     {"best", "step-000000010", "step-000000020", "step-7"},
		home + "/step-000000010": {"notes.txt"},
	} {
		if got, err := m.ReadDir(dir); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s holds %q, want %q: %v", dir, got, want, err)
		}
	}
}

// TestNewestPassesOver finds the newest committed beside one that is being written.
func TestNewestPassesOver(t *testing.T) {
	m := newMemFS()
	if _, err := WriteFile(m, home, 5, contents(5)[0]); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Newest(m, home); !errors.Is(err, ErrNone) {
		t.Errorf("nothing is committed: %v, want ErrNone", err)
	}
	mustSave(t, m, home, 10)
	if _, err := WriteFile(m, home, 20, contents(20)[0]); err != nil {
		t.Fatal(err)
	}
	found, _, err := Newest(m, home)
	if err != nil || found.Step != 10 {
		t.Errorf("found %+v: %v", found, err)
	}
	m.root.names["runs"].names["test"].names["step-000000040"] = m.root.names["runs"].names["test"].names["step-000000010"]
	if _, _, err := Newest(m, home); err == nil || !strings.Contains(err.Error(), "was it renamed?") {
		t.Errorf("a checkpoint under another name: %v", err)
	}
}

// TestVerifyFile gives what the writer did not say.
func TestVerifyFile(t *testing.T) {
	fs := newMemFS()
	info, err := WriteFile(fs, home, 1, contents(1)[0])
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		change func(*FileInfo)
		want   string
	}{
		"size":         {func(f *FileInfo) { f.Size++ }, "size: found"},
		"hash":         {func(f *FileInfo) { f.SHA256 = strings.Repeat("0", 64) }, "weights.safetensors: SHA-256: found"},
		"fewer":        {func(f *FileInfo) { f.Tensors = f.Tensors[1:] }, "found 2 tensors, want 1"},
		"tensor":       {func(f *FileInfo) { f.Tensors[1].Name = "x" }, `tensor "x": found "rnn.weight"`},
		"dtype":        {func(f *FileInfo) { f.Tensors[0].DType = safetensors.I64 }, `tensor "rnn.bias": found F32[3], want I64[3]`},
		"shape":        {func(f *FileInfo) { f.Tensors[0].Shape = []int{-3} }, `tensor "rnn.bias": found F32[3], want F32[-3]`},
		"tensor bytes": {func(f *FileInfo) { f.Tensors[0].SHA256 = strings.Repeat("0", 64) }, `tensor "rnn.bias": SHA-256: found`},
		"another file": {func(f *FileInfo) { f.Name = "optimizer.safetensors" }, "not exist"},
		"path":         {func(f *FileInfo) { f.Name = "../x.safetensors" }, "name: want"},
	}
	for name, c := range cases {
		bad := info
		bad.Tensors = slices.Clone(info.Tensors)
		c.change(&bad)
		if err := VerifyFile(fs, home, 1, bad); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v\nwant %s", name, err, c.want)
		}
	}
	if err := VerifyFile(fs, home, 1, info); err != nil {
		t.Error(err)
	}
}

// TestCommitRefuses gives manifests of what is not there, or could not be read back.
func TestCommitRefuses(t *testing.T) {
	fs := newMemFS()
	m := manifest(3)
	if err := Commit(fs, home, m); err == nil || !strings.Contains(err.Error(), "files: none") {
		t.Errorf("no files: %v", err)
	}
	info, err := WriteFile(fs, home, 3, contents(3)[0])
	if err != nil {
		t.Fatal(err)
	}
	m.Files = []FileInfo{info}
	m.Run = "\xff"
	if err := Commit(fs, home, m); err == nil || !strings.Contains(err.Error(), "not in the form") {
		t.Errorf("a run's name that is not UTF-8: %v", err)
	}
	m.Run = "test"
	other := info
	other.Name = FileName(Optimizer)
	m.Files = []FileInfo{info, other}
	if err := Commit(fs, home, m); err == nil || !strings.Contains(err.Error(), "optimizer.safetensors") {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, _, err := Newest(fs, home); !errors.Is(err, ErrNone) {
		t.Errorf("something was committed: %v", err)
	}
}
