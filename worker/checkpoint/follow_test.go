package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/data/objects/objectstest"
)

// What a follower tells is what is there, after whatever a run does: it adds lines and checkpoints, removes old ones,
// goes back and saves the same steps anew.
func TestFollower(t *testing.T) {
	s := objectstest.New(t)
	for name, dir := range map[string]string{"directory": t.TempDir(), "store": s.Address("runs/a")} {
		t.Run(name, func(t *testing.T) {
			f, journal := NewFollower(dir), NewJournal(dir)
			tell := func() string {
				lines, err := f.Journal()
				if err != nil {
					t.Fatal(err)
				}
				manifests, err := f.Manifests()
				if err != nil {
					t.Fatal(err)
				}
				said := fmt.Sprint(len(lines), " lines;")
				for _, m := range manifests {
					said += fmt.Sprint(" ", m.Step)
					if there, err := At(Files{}, dir, m.Step); err != nil || there.Digest != m.Digest {
						t.Errorf("%s: step %d is another by now: %v", said, m.Step, err)
					}
				}
				return said
			}
			want := func(want string) {
				t.Helper()
				if got := tell(); got != want {
					t.Errorf("it tells %q, want %q", got, want)
				}
			}
			add := func(step uint64) {
				t.Helper()
				if err := journal.Append(JournalLine{Step: step, Mark: "00000000000000aa"}); err != nil {
					t.Fatal(err)
				}
				if err := journal.Flush(); err != nil {
					t.Fatal(err)
				}
			}
			want("0 lines;")
			add(1)
			in(t, dir, 1)
			want("1 lines; 1")
			add(2)
			in(t, dir, 2)
			in(t, dir, 3)
			want("2 lines; 1 2 3")
			if err := Rotate(Files{}, dir, Keeping{Newest: 2}, maxStep); err != nil {
				t.Fatal(err)
			}
			want("2 lines; 2 3")
			if err := DiscardAll(Files{}, dir, 1); err != nil {
				t.Fatal(err)
			}
			again(t, dir, 2)
			again(t, dir, 3)
			journal = NewJournal(dir) // of the worker that goes on
			add(2)
			want("3 lines; 2 3")
		})
	}
}

// A run that is begun anew where another was removed is followed from its first line on.
func TestFollowerOfAnother(t *testing.T) {
	s := objectstest.New(t)
	dir := s.Address("runs/a")
	f := NewFollower(dir)
	for _, want := range []int{300, 0, 100} {
		b, prefix, err := objects.At(dir)
		if err != nil {
			t.Fatal(err)
		}
		for n := 1; n <= 3; n++ {
			if err := b.Delete(t.Context(), fmt.Sprintf("%s/journal-%06d.jsonl", prefix, n)); err != nil && !errors.Is(err, iofs.ErrNotExist) {
				t.Fatal(err)
			}
		}
		for range want / 100 { // each writer has a segment of its own
			j := NewJournal(dir)
			for step := range uint64(100) {
				if err := j.Append(JournalLine{Step: step + 1, Mark: "00000000000000aa"}); err != nil {
					t.Fatal(err)
				}
			}
			if err := j.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		if lines, err := f.Journal(); err != nil || len(lines) != want {
			t.Errorf("%d lines, want %d: %v", len(lines), want, err)
		}
	}
}

// again saves a step with other weights.
func again(t *testing.T, dir string, step uint64) {
	t.Helper()
	m := &Manifest{Format: Format, Run: "again", Version: "v", Step: step, DataHash: "d", Bits: map[string]string{"seed": "2"}}
	info, err := WriteFile(Files{}, dir, step, FileContent{Name: FileName(Weights)})
	if err != nil {
		t.Fatal(err)
	}
	m.Files = append(m.Files, info)
	if err := Commit(Files{}, dir, m); err != nil {
		t.Fatal(err)
	}
}

// What has not changed is not read: a store is asked for the same few stamps, however many checkpoints it has.
func TestFollowerReadsOnce(t *testing.T) {
	s := objectstest.New(t)
	dir := s.Address("runs/a")
	for step := uint64(1); step <= 6; step++ {
		in(t, dir, step)
	}
	f := NewFollower(dir)
	look := func() (asked int) {
		before := s.Count("GET") + s.Count("HEAD")
		if _, err := f.Journal(); err != nil {
			t.Fatal(err)
		}
		if all, err := f.Manifests(); err != nil || len(all) != 6 {
			t.Fatalf("%d checkpoints, %v", len(all), err)
		}
		return s.Count("GET") + s.Count("HEAD") - before
	}
	first, second := look(), look()
	if second > 8 || first < 2*second {
		t.Errorf("it asked %d times at first, then %d times", first, second)
	}
}

// A piece that is read while a segment grows is followed by the rest of the segment.
func TestBucketHistoryGrows(t *testing.T) {
	s := objectstest.New(t)
	dir := s.Address("runs/a")
	var got []byte
	at, want := uint64(0), 0
	for range 2 { // writers, of whom the first leaves its segment as it is
		h := NewHistory(dir)
		for k := range 12 {
			if err := h.Append(make([]byte, 40_000)); err != nil {
				t.Fatal(err)
			}
			want += 40_000
			for {
				piece, next, err := ReadHistory(dir, at)
				if err != nil {
					t.Fatal(err)
				}
				if len(piece) == 0 {
					break
				}
				got, at = append(got, piece...), next
			}
			if len(got) != want {
				t.Fatalf("after piece %d: %d bytes of %d", k, len(got), want)
			}
		}
	}
}

// What waited while a store took nothing makes a segment of any size, which is read in pieces that a message has room for.
func TestBucketHistoryLarge(t *testing.T) {
	s := objectstest.New(t)
	dir := s.Address("runs/a")
	for _, size := range []int{3 << 20, 100_000} {
		if err := NewHistory(dir).Append(bytes.Repeat([]byte{byte(size)}, size)); err != nil {
			t.Fatal(err)
		}
	}
	var got []byte
	for at := uint64(0); ; {
		piece, next, err := ReadHistory(dir, at)
		if err != nil || len(piece) > segmentBytes {
			t.Fatalf("a piece of %d bytes: %v", len(piece), err)
		}
		if len(piece) == 0 {
			break
		}
		got, at = append(got, piece...), next
	}
	if want := 3<<20 + 100_000; len(got) != want {
		t.Errorf("%d bytes, want %d", len(got), want)
	}
}

// A damaged checkpoint is passed over, and looked at again.
func TestFollowerDamaged(t *testing.T) {
	dir := t.TempDir()
	in(t, dir, 1)
	in(t, dir, 2)
	path := filepath.Join(dir, DirName(2), manifestName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := NewFollower(dir)
	for _, c := range []struct {
		text  []byte
		count int
	}{{whole[:20], 1}, {whole, 2}} {
		if err := os.WriteFile(path, c.text, 0o644); err != nil {
			t.Fatal(err)
		}
		if all, err := f.Manifests(); err != nil || len(all) != c.count {
			t.Errorf("%d checkpoints, want %d: %v", len(all), c.count, err)
		}
	}
}
