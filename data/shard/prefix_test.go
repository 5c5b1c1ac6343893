package shard

import (
	"errors"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/data/objects/objectstest"
)

// TestTextIntoStore: a text is cut into an object store as into a directory. What was there is replaced only where that is allowed, and a
// held-out set that could overlap goes.
func TestTextIntoStore(t *testing.T) {
	file := filepath.Join(t.TempDir(), "text.txt")
	put(t, file, words(1, 200_000))
	o := TextOptions{Out: t.TempDir(), Valid: 0.2, ShardBytes: 40_000, BlockBytes: 1000}
	want, err := WriteText(o, []string{file})
	if err != nil {
		t.Fatal(err)
	}
	s := objectstest.New(t)
	o.Out = s.Address("set")
	s.Once("PUT", manifestName, objectstest.Fault{Lose: true}) // and it is done
	made, err := WriteText(o, []string{file})
	if err != nil {
		t.Fatal(err)
	}
	if made.Train.Hash != want.Train.Hash || made.Valid.Hash != want.Valid.Hash || made.Train.Shards != want.Train.Shards || made.Train.Dir != s.Address("set/train") {
		t.Errorf("made %+v, want %+v", made, want)
	}
	if _, err := Verify(o.Out); err != nil {
		t.Error(err)
	}
	old, err := Open(TrainDir(o.Out))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := WriteText(o, []string{file}); !errors.Is(err, ErrSetExists) || !strings.Contains(err.Error(), s.Address("set/train/set.json")) {
		t.Errorf("where a set is: %v", err)
	}
	o.Overwrite, o.Valid = true, 0
	if _, err = WriteText(o, []string{file}); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ValidDir(o.Out)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the held-out set of before: %v", err)
	}
	if set, err := Open(TrainDir(o.Out)); err != nil || set.Size() != want.Bytes {
		t.Errorf("the new set: %v", err)
	}
	for _, path := range old.paths {
		if _, err := objects.Open(t.Context(), path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there: %v", path, err)
		}
	}
	if _, err := objects.Open(t.Context(), s.Address("set/"+JournalName)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the claim stays: %v", err)
	}
}

// TestStoreDown: a store that takes nothing any more is not asked to remove each shard.
func TestStoreDown(t *testing.T) {
	s := objectstest.New(t)
	puts, removals := 0, 0
	s.Interfere(func(r *http.Request) objectstest.Fault {
		switch {
		case r.Method == "PUT" && strings.HasSuffix(r.URL.Path, ".shard"):
			puts++
		case r.Method == "DELETE" && puts > 3:
			removals++
		}
		if puts > 3 {
			return objectstest.Fault{Status: 403, Code: "AccessDenied"}
		}
		return objectstest.Fault{}
	})
	w := must(NewWriter(WriterOptions{Dir: s.Address("set"), Name: "train", Kind: KindText, ShardBytes: 40_000, BlockBytes: 1000}))
	var err error
	for range 200 {
		if err = w.Append(make([]byte, 1000)); err != nil {
			break
		}
	}
	if !errors.Is(err, fs.ErrPermission) {
		t.Errorf("stopped by the store: %v", err)
	}
	w.Abort()
	if puts != 4 || removals != 1 {
		t.Errorf("after %d shards the store was asked for %d removals, want one", puts, removals)
	}
}

// TestStoreCommitsOnce: of two writers that began where no set was, one commits.
func TestStoreCommitsOnce(t *testing.T) {
	s := objectstest.New(t)
	at := s.Address("set/train")
	var both [2]*Writer
	for i := range both {
		w, err := NewWriter(WriterOptions{Dir: at, Name: "train", Kind: KindText, BlockBytes: 8})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Append([]byte{byte('a' + i)}); err != nil {
			t.Fatal(err)
		}
		both[i] = w
	}
	first, err := both[0].Commit()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := both[1].Commit(); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), "another process") {
		t.Errorf("the second: %v", err)
	}
	both[1].Abort()
	both[0].Abort() // by mistake: nothing of what was committed goes
	set, err := Open(at)
	if err != nil || set.Hash() != first.Hash {
		t.Fatalf("the set that is there: %v", err)
	}
	if _, err := Verify(at); err != nil {
		t.Error(err)
	}
}
