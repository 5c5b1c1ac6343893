package checkpoint

import (
	"bytes"
	"errors"
	iofs "io/fs"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/data/objects/objectstest"
	_ "github.com/rondo-ml/rondo/data/objects/s3"
	"github.com/rondo-ml/rondo/nn/safetensors"
)

// in writes and commits a checkpoint of two files.
func in(t *testing.T, dir string, step uint64) *Manifest {
	t.Helper()
	m := &Manifest{Format: Format, Run: "r", Version: "v", Step: step, DataHash: "d", Bits: map[string]string{"seed": "1"}}
	for i, group := range []string{Optimizer, Weights} {
		info, err := WriteFile(Files{}, dir, step, FileContent{Name: FileName(group), Tensors: []safetensors.Tensor{
			{Name: "a", Shape: []int{2, 3}, Data: []float32{1, 2, 3, float32(step), 5, float32(i)}}}})
		if err != nil {
			t.Fatal(err)
		}
		m.Files = append(m.Files, info)
	}
	if err := Commit(Files{}, dir, m); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestBucket: a bucket holds what a directory does, with the same digests, whatever befalls its requests.
func TestBucket(t *testing.T) {
	s := objectstest.New(t)
	n := 0
	s.Interfere(func(r *http.Request) objectstest.Fault {
		n++
		return []objectstest.Fault{{}, {}, {}, {Status: 503}, {}, {}, {Lose: r.Method == "PUT"}, {}, {}, {}, {Reset: true}}[n%11]
	})
	dir, local := s.Address("runs/a"), t.TempDir()
	if _, _, err := Newest(Files{}, dir); !errors.Is(err, ErrNone) {
		t.Fatalf("an empty bucket: %v", err)
	}
	for step := uint64(1); step <= 4; step++ {
		m, same := in(t, dir, step), in(t, local, step)
		if m.Digest != same.Digest {
			t.Errorf("step %d: the digest is another than in a directory", step)
		}
		found, path, err := Newest(Files{}, dir)
		if err != nil || found.Step != step || path != dir+"/"+DirName(step) {
			t.Fatalf("the newest is %v at %s, %v", found, path, err)
		}
		if err := Verify(Files{}, dir, m); err != nil {
			t.Error(err)
		}
		if err := Rotate(Files{}, dir, Keeping{Newest: 2}, maxStep); err != nil {
			t.Error(err)
		}
	}
	all, err := VerifyAll(Files{}, dir)
	if err != nil || len(all) != 2 || all[0].Err != nil || all[1].Err != nil {
		t.Errorf("kept: %v, %v", all, err)
	}
	if _, err := WriteFile(Files{}, dir, 4, FileContent{Name: FileName(Weights)}); !errors.Is(err, ErrCommitted) {
		t.Errorf("writing to what is committed: %v", err)
	}
	snap, err := Load(Files{}, dir, all[1].Manifest, Weights)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := snap.Tensor(Weights, "a"); err != nil || a.Data.([]float32)[3] != 4 {
		t.Errorf("loaded %v, %v", a, err)
	}
	if err := DiscardAll(Files{}, dir, 3); err != nil {
		t.Error(err)
	}
	if m, _, err := Newest(Files{}, dir); err != nil || m.Step != 3 {
		t.Errorf("after those behind step 3 were removed: %v, %v", m, err)
	}
}

// TestBucketReadsOnce: what a file of several parts is compared with asks for each part once, and so does loading it.
func TestBucketReadsOnce(t *testing.T) {
	s := objectstest.New(t)
	dir := s.Address("runs/a")
	large := make([]float32, 2*objects.PartSize/4)
	large[len(large)-1] = 7
	info, err := WriteFile(Files{}, dir, 1, FileContent{Name: FileName(Weights), Tensors: []safetensors.Tensor{
		{Name: "b", Shape: []int{len(large)}, Data: large}, {Name: "a", Shape: []int{2}, Data: []int64{1, 2}}}})
	if err != nil {
		t.Fatal(err)
	}
	const parts = 3 // the header comes before two parts of numbers
	asked := func(what string, do func() error) {
		t.Helper()
		before := s.Count("GET")
		if err := do(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if n := s.Count("GET") - before; n != parts {
			t.Errorf("%s asks for %d parts, want %d", what, n, parts)
		}
	}
	asked("to compare it", func() error { return VerifyFile(Files{}, dir, 1, info) })
	asked("to load it", func() error {
		snap, err := Load(Files{}, dir, &Manifest{Step: 1, Files: []FileInfo{info}})
		if err != nil {
			return err
		}
		got := make([]float32, len(large))
		if err := snap.Float32(Weights, "b", []int{len(large)}, got); err != nil {
			return err
		}
		if !slices.Equal(got, large) {
			t.Error("other numbers were loaded")
		}
		return nil
	})
}

// TestBucketCommitsOnce: of two that commit one step one does, and the other learns it.
func TestBucketCommitsOnce(t *testing.T) {
	s := objectstest.New(t)
	dir := s.Address("runs/a")
	m := in(t, dir, 7)
	other := *m
	other.Run = "another"
	s.Interfere(func(r *http.Request) objectstest.Fault { // it did not see the manifest when it looked
		if r.Method == "HEAD" && strings.HasSuffix(r.URL.Path, manifestName) {
			return objectstest.Fault{Status: 404}
		}
		return objectstest.Fault{}
	})
	if err := Commit(Files{}, dir, &other); !errors.Is(err, ErrCommitted) {
		t.Errorf("the second commit: %v", err)
	}
	s.Interfere(nil)
	if there, _, err := Newest(Files{}, dir); err != nil || there.Run != "r" {
		t.Errorf("there is %v, %v", there, err)
	}
}

// TestBucketLags: a list that lags hides nothing that was committed last, and nothing that is gone is taken for there.
func TestBucketLags(t *testing.T) {
	s := objectstest.New(t)
	dir := s.Address("runs/a")
	in(t, dir, 1)
	in(t, dir, 2)
	if err := s.Lag(); err != nil {
		t.Fatal(err)
	}
	in(t, dir, 3)
	if m, _, err := Newest(Files{}, dir); err != nil || m.Step != 3 {
		t.Errorf("the newest: %v, %v", m, err)
	}
	if err := Rotate(Files{}, dir, Keeping{Newest: 1}, maxStep); err != nil {
		t.Error(err)
	}
	all, err := VerifyAll(Files{}, dir)
	if err != nil || len(all) != 3 || !errors.Is(all[0].Err, ErrNone) || !errors.Is(all[1].Err, ErrNone) || all[2].Err != nil {
		t.Errorf("after all but one were removed: %v, %v", all, err)
	}
	if m, _, err := Newest(Files{}, dir); err != nil || m.Step != 3 {
		t.Errorf("the newest then: %v, %v", m, err)
	}
}

// TestBucketIdentity: all who ask get one text; what cannot be used is told at once.
func TestBucketIdentity(t *testing.T) {
	s := objectstest.New(t)
	a, err := Identify(s.Address("runs/a"))
	if err != nil || len(a) != 26 {
		t.Fatalf("%q, %v", a, err)
	}
	if again, err := Identify(s.Address("runs/a")); err != nil || again != a {
		t.Errorf("%q, then %q, %v", a, again, err)
	}
	if b, err := Identify(s.Address("runs/b")); err != nil || b == a {
		t.Errorf("%q in two directories, %v", b, err)
	}
	s.Interfere(func(r *http.Request) objectstest.Fault {
		if r.Method == "PUT" {
			return objectstest.Fault{Status: 403, Code: "AccessDenied"}
		}
		return objectstest.Fault{}
	})
	_, err = Identify(s.Address("runs/a"))
	if !errors.Is(err, iofs.ErrPermission) || !strings.Contains(err.Error(), "checkpoint.dir") || !strings.Contains(err.Error(), s.Bucket) {
		t.Errorf("a bucket that is read-only: %v", err)
	}
}

// TestBucketJournal: segments of several writers are read as one journal, in the order in which they were written.
func TestBucketJournal(t *testing.T) {
	s := objectstest.New(t)
	dir, local := s.Address("runs/a"), t.TempDir()
	if err := s.Lag(); err != nil {
		t.Fatal(err)
	}
	step := uint64(0)
	for range 3 {
		here, there := NewJournal(local), NewJournal(dir)
		for range 50 {
			step++
			line := JournalLine{Step: step, Mark: "0123456789abcdef"}
			if step%40 == 0 {
				line = JournalLine{Step: step, Stop: true}
			}
			if err := errors.Join(here.Append(line), there.Append(line)); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(here.Flush(), there.Flush()); err != nil {
			t.Fatal(err)
		}
	}
	want, err := ReadJournal(local)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadJournal(dir)
	if err != nil || len(got) != len(want) || len(got) != 150 {
		t.Fatalf("%d lines, and %d in a directory: %v", len(got), len(want), err)
	}
	for i := range got {
		if got[i].Step != want[i].Step || got[i].Stop != want[i].Stop || got[i].Mark != want[i].Mark {
			t.Fatalf("line %d: %+v, want %+v", i, got[i], want[i])
		}
	}
	if none, err := ReadJournal(s.Address(filepath.Join("runs", "b"))); err != nil || len(none) != 0 {
		t.Errorf("no journal: %v, %v", none, err)
	}
}

// TestBucketHistory: the history in a store is what several writers appended, one after another.
func TestBucketHistory(t *testing.T) {
	s := objectstest.New(t)
	dir := s.Address("runs/a")
	if err := s.Lag(); err != nil {
		t.Fatal(err)
	}
	var want []byte
	for i := range 3 {
		h := NewHistory(dir)
		for k := range 40 {
			frames := bytes.Repeat([]byte{byte(i), byte(k)}, 5000)
			want = append(want, frames...)
			if err := h.Append(frames); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if got := readWhole(t, dir); !bytes.Equal(got, want) {
		t.Errorf("%d bytes were read, not those %d that were written", len(got), len(want))
	}
	if got := readWhole(t, s.Address("runs/b")); len(got) > 0 {
		t.Errorf("no history has %d bytes", len(got))
	}
}
