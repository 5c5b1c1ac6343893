package shard

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Records of another kind: their lengths count in the hash, a large one has a block of its own.
func TestRecordsOfAnotherKind(t *testing.T) {
	write := func(blockBytes int64, records ...string) *Set {
		dir := filepath.Join(t.TempDir(), "set")
		w, err := NewWriter(WriterOptions{Dir: dir, Name: "image", Kind: "image", BlockBytes: blockBytes,
			Meta: json.RawMessage(`{"classes":["<a>","b"]}`)})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			if err := w.Append([]byte(r)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Commit(); err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(dir); err != nil {
			t.Fatal(err)
		}
		return open(t, dir)
	}
	a, b := write(10, "abc", "", "defghijklmnopqrst", "u", ""), write(1000, "abc", "", "defghijklmnopqrst", "u", "")
	if a.Hash() != b.Hash() || a.Records() != 5 || len(a.blocks) != 3 || len(b.blocks) != 1 {
		t.Errorf("%d and %d blocks, hashes %s and %s", len(a.blocks), len(b.blocks), a.Hash(), b.Hash())
	}
	if readAll(t, a, 4) != "abcdefghijklmnopqrstu" {
		t.Error("another content")
	}
	if c := write(10, "ab", "c", "defghijklmnopqrst", "u", ""); c.Hash() == a.Hash() {
		t.Error("records cut elsewhere have the same hash")
	}
	var meta struct{ Classes []string }
	if err := json.Unmarshal(a.Meta(), &meta); err != nil || len(meta.Classes) != 2 || meta.Classes[0] != "<a>" {
		t.Errorf("meta %s: %v", a.Meta(), err)
	}
	// Empty records alone make a block without payload, which no byte lies in.
	if e := write(10, "", "", "0123456789", "", "x"); readAll(t, e, 3) != "0123456789x" {
		t.Error("empty records change the content")
	}
}

func TestWriterRefuses(t *testing.T) {
	for name, o := range map[string]WriterOptions{
		"name": {Name: "../x", Kind: "text"},
		"kind": {Name: "x"},
		"meta": {Name: "x", Kind: "text", Meta: json.RawMessage("{")},
	} {
		o.Dir = t.TempDir()
		if _, err := NewWriter(o); err == nil || !strings.Contains(err.Error(), name[:3]) {
			t.Errorf("%s: %v", name, err)
		}
	}
	dir := filepath.Join(t.TempDir(), "set")
	w, err := NewWriter(WriterOptions{Dir: dir, Name: "x", Kind: "text"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(); err == nil {
		t.Error("a set without records: accepted")
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the directory is left: %v", err)
	}
}

// Until Commit there is no set; what a killed writer left is replaced and swept.
func TestKilledWriterLeavesNoSet(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "train")
	start := func() *Writer {
		w, err := NewWriter(WriterOptions{Dir: dir, Name: "train", Kind: KindText, BlockBytes: 8, ShardBytes: 100})
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	killed := start()
	for range 20 {
		if err := killed.Append([]byte("12345678")); err != nil {
			t.Fatal(err)
		}
	}
	put(t, filepath.Join(dir, "train-00007.shard"), "of a commit that was cut off")
	put(t, filepath.Join(dir, "notes-00001.shard"), "not ours")
	if _, err := Open(dir); err == nil {
		t.Fatal("a set without set.json")
	}
	w := start()
	if err := w.Append([]byte("text")); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	files := must(filepath.Glob(filepath.Join(dir, "*")))
	if len(files) != 3 { // notes-00001.shard, set.json, train-00000.shard
		t.Errorf("%q", files)
	}
	if got := readAll(t, open(t, dir), 2); got != "text" {
		t.Errorf("%q", got)
	}
}

// A file that cannot be made, at the start or in the midst, is an error that names it.
func TestWriterNamesWhatItCannotWrite(t *testing.T) {
	for _, name := range []string{"train-00000.shard.tmp", "train-00001.shard.tmp", "train-00000.shard", "set.json.tmp"} {
		dir := filepath.Join(t.TempDir(), "train")
		put(t, filepath.Join(dir, name, "in the way"), "")
		w := must(NewWriter(WriterOptions{Dir: dir, Name: "train", Kind: KindText, BlockBytes: 8, ShardBytes: 1}))
		err := error(nil)
		for range 3 {
			if err == nil {
				err = w.Append([]byte("12345678"))
			}
		}
		if err == nil {
			_, err = w.Commit()
		}
		w.Abort()
		if err == nil || !strings.Contains(err.Error(), filepath.Join(dir, name)) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Open(dir); err == nil {
			t.Errorf("%s: there is a set", name)
		}
	}
}
