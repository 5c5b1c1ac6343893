package shard

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/data/objects/objectstest"
)

// contents are those of all files below a directory.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	list := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		list[name] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// stoppedText is a cut of a text, with what lay in its output directory after each document, as a kill would leave it.
type stoppedText struct {
	opts   TextOptions
	in     string
	states []map[string]string
	whole  map[string]string // of an undisturbed cut
	sum    Summary
}

func stopText(t testing.TB, in string, valid float64) *stoppedText {
	t.Helper()
	s := &stoppedText{in: in, opts: TextOptions{Valid: valid, BlockBytes: 64, ShardBytes: 2200}}
	o := s.opts
	o.Out = filepath.Join(t.TempDir(), "out")
	o.Progress = func(int64, int64) { s.states = append(s.states, contents(t, o.Out)) }
	s.sum = must(WriteText(o, []string{in}))
	s.whole = contents(t, o.Out)
	sealed := map[string]string{JournalName: s.states[0][JournalName]} // stopped before the first rename
	for name, content := range s.whole {
		if strings.HasSuffix(name, ".shard") {
			sealed[name+tempSuffix] = content
		}
	}
	s.states = append(s.states, sealed)
	return s
}

// goOn cuts where a cut was stopped, and says how many bytes stood, what was said and what was made.
func (s *stoppedText) goOn(t testing.TB, state map[string]string, change func(*TextOptions)) (stood int64, said string, made map[string]string) {
	t.Helper()
	o := s.opts
	o.Out = filepath.Join(t.TempDir(), "out")
	for name, content := range state {
		put(t, filepath.Join(o.Out, name), content)
	}
	o.Say = func(text string) { said += text }
	if change != nil {
		change(&o)
	}
	sum, err := WriteText(o, []string{s.in})
	if err != nil {
		t.Fatal(err)
	}
	if change == nil && (sum.Train.Files != s.sum.Train.Files || sum.Valid.Files != s.sum.Valid.Files || sum.Train.Hash != s.sum.Train.Hash) {
		t.Errorf("told %+v, want %+v", sum, s.sum)
	}
	_, _ = fmt.Sscanf(said, "going on with the cut that was stopped here: %d of", &stood)
	return stood, said, contents(t, o.Out)
}

// A cut that was stopped anywhere goes on to the files of an undisturbed one, whatever the kill left of its last writes.
func TestStoppedTextGoesOn(t *testing.T) {
	few := t.TempDir()
	for i := range 4 {
		put(t, filepath.Join(few, fmt.Sprint(i)), words(uint64(i), 1700+50*i))
	}
	for _, s := range []*stoppedText{stopText(t, corpus(t, 30), 0.3), stopText(t, few, 0.3)} {
		if s.sum.Train.Shards < 3 || s.sum.Valid.Shards < 2 {
			t.Fatalf("%+v: more shards are wanted", s.sum)
		}
		before, step := int64(-1), max(1, len(s.states)/6)
		for i := (len(s.states) - 1) % step; i < len(s.states); i += step { // to the last
			stood, said, made := s.goOn(t, s.states[i], nil)
			if stood < before || i == len(s.states)-1 && stood != s.sum.Bytes {
				t.Errorf("%s, after %d documents: said %q", s.sum.Split, i+1, said)
			}
			before = stood
			if !maps.Equal(made, s.whole) {
				t.Errorf("%s, after %d documents: other files than an undisturbed cut makes", s.sum.Split, i+1)
			}
		}
		rng := rand.New(rand.NewPCG(3, 4))
		for trial := range 8 {
			state := maps.Clone(s.states[rng.IntN(len(s.states))])
			for _, name := range slices.Sorted(maps.Keys(state)) {
				b := []byte(state[name])
				switch at := rng.IntN(len(b)); rng.IntN(4) {
				case 0:
					b = b[:at]
				case 1:
					b[at] ^= 4
				case 2:
					b = append(b, make([]byte, 50)...)
				}
				state[name] = string(b)
			}
			if _, said, made := s.goOn(t, state, nil); !maps.Equal(made, s.whole) {
				t.Errorf("%s, damage %d: other files than an undisturbed cut makes; said %q", s.sum.Split, trial, said)
			}
		}
	}
}

// With other options or data a cut begins anew, and says so; nor does it take shards for its own of which the journal does not speak.
func TestOtherTextBeginsAnew(t *testing.T) {
	s := stopText(t, corpus(t, 30), 0.3)
	state := s.states[20]
	const anew = "other data, options or another release of this program: beginning anew"
	if _, said, _ := s.goOn(t, state, func(o *TextOptions) { o.Separator = "\r\n" }); !strings.Contains(said, anew) {
		t.Errorf("other options: said %q", said)
	}
	head, _, _ := strings.Cut(state[JournalName], "\n")
	other := stopText(t, corpus(t, 25), 0.2).states[20]
	for what, journal := range map[string]string{anew: "notes of mine\n", "": head + "\n"} {
		other[JournalName] = journal
		if _, said, made := s.goOn(t, other, nil); !strings.HasSuffix(said, what) || strings.Contains(said, "going on") || !maps.Equal(made, s.whole) {
			t.Errorf("shards of another text and the journal %q: said %q", journal, said)
		}
	}
	path := filepath.Join(s.in, "d1", "f001.txt")
	if err := os.Chtimes(path, time.Time{}, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if _, said, made := s.goOn(t, state, nil); !strings.Contains(said, anew) || !maps.Equal(made, s.whole) {
		t.Errorf("a file of another time: said %q", said)
	}
}

// Two cuts into one directory do not disturb each other: the second is refused.
func TestTwoTextsIntoOneDirectory(t *testing.T) {
	in, o := corpus(t, 3), TextOptions{Out: filepath.Join(t.TempDir(), "out")}
	o.Progress = func(int64, int64) {
		if _, err := WriteText(TextOptions{Out: o.Out}, []string{in}); err == nil || !strings.Contains(err.Error(), "another process is cutting into this directory") {
			t.Errorf("the second cut: %v", err)
		}
	}
	cut(t, o, in)
	if _, err := os.Lstat(filepath.Join(o.Out, JournalName)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the journal is there: %v", err)
	}
}

// TestStoppedTextIntoStore: a cut that the store stops leaves no set, and the same command goes on with what was uploaded.
func TestStoppedTextIntoStore(t *testing.T) {
	file := filepath.Join(t.TempDir(), "text.txt")
	put(t, file, words(1, 200_000))
	o := TextOptions{Out: t.TempDir(), Valid: 0.2, ShardBytes: 40_000, BlockBytes: 1000}
	want := must(WriteText(o, []string{file}))
	for _, stop := range []int{0, 2, 5} {
		s := objectstest.New(t)
		o.Out = s.Address("set")
		puts, left := 0, stop
		count := func(r *http.Request) objectstest.Fault {
			if r.Method == "PUT" && strings.HasSuffix(r.URL.Path, ".shard") {
				if puts++; puts > left {
					return objectstest.Fault{Status: 403, Code: "AccessDenied"}
				}
			}
			return objectstest.Fault{}
		}
		s.Interfere(count)
		if _, err := WriteText(o, []string{file}); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "the same command goes on") {
			t.Fatalf("stopped after %d shards: %v", stop, err)
		}
		if _, err := Open(TrainDir(o.Out)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("stopped after %d shards there is a set: %v", stop, err)
		}
		puts, left = 0, 100
		o.Say = func(text string) {
			if !strings.Contains(text, "going on") {
				t.Errorf("stopped after %d shards: said %q", stop, text)
			}
		}
		made, err := WriteText(o, []string{file})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(o.Out); err != nil || made.Train.Hash != want.Train.Hash || made.Valid.Hash != want.Valid.Hash {
			t.Errorf("made %+v, want %+v; %v", made.Train, want.Train, err)
		}
		if again := want.Train.Shards + want.Valid.Shards - stop; puts != again {
			t.Errorf("stopped after %d shards: %d were uploaded then, want %d", stop, puts, again)
		}
		wantObjects(t, o.Out, want.Train.Shards, want.Valid.Shards)
	}
}

// wantObjects wants so many shards of each set, and nothing else.
func wantObjects(t *testing.T, address string, train, valid int) {
	t.Helper()
	for dir, shards := range map[string]int{TrainDir(address): train, ValidDir(address): valid} {
		b, key, err := objects.At(dir)
		if err != nil {
			t.Fatal(err)
		}
		if names, err := b.List(t.Context(), key); err != nil || len(names) != shards+1 || !slices.Contains(names, manifestName) {
			t.Errorf("%s has %v, %v; want %d shards", dir, names, err, shards)
		}
	}
	if _, err := objects.Open(t.Context(), objects.Join(address, JournalName)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the claim stays: %v", err)
	}
}

// TestAnotherTextIntoStore: whoever begins later has the place, and the first is told so and leaves it alone.
func TestAnotherTextIntoStore(t *testing.T) {
	dir := t.TempDir()
	for i := range 2 {
		put(t, filepath.Join(dir, fmt.Sprint(i)), words(uint64(i), 100_000))
	}
	s := objectstest.New(t)
	o := TextOptions{Out: s.Address("set"), Valid: 0.2, ShardBytes: 40_000, BlockBytes: 1000}
	for _, valid := range []float64{0.2, 0.4} { // the same command, and another
		second, began := o, false
		second.Valid, second.Overwrite = valid, true
		var made Summary
		o.Progress = func(int64, int64) {
			if !began {
				began = true
				made = must(WriteText(second, []string{dir}))
			}
		}
		o.Overwrite = true
		if _, err := WriteText(o, []string{dir}); err == nil || !strings.Contains(err.Error(), "another process is cutting into this place") || strings.Contains(err.Error(), "goes on") {
			t.Errorf("the first cut: %v", err)
		}
		if _, err := Verify(o.Out); err != nil {
			t.Error(err)
		}
		if set := must(Open(TrainDir(o.Out))); set.Hash() != made.Train.Hash {
			t.Errorf("the set is another than the second cut made: %+v", made)
		}
		if second.Valid == o.Valid { // of another's shards one may stay that was on its way
			wantObjects(t, o.Out, made.Train.Shards, made.Valid.Shards)
		}
	}
}

// A cut into the directory of its own text goes on, and takes its journal for no text.
func TestTextGoesOnInItsOwnDirectory(t *testing.T) {
	dir := t.TempDir()
	for i := range 4 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i, ".txt")), []byte(strings.Repeat("line\n", 60)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var stopped map[string]string
	o := TextOptions{Out: dir, BlockBytes: 64, Progress: func(done, total int64) {
		if done < total {
			stopped = contents(t, dir)
		}
	}}
	whole := must(WriteText(o, []string{dir}))
	for _, name := range []string{"train/set.json", "train/train-00000.shard"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range stopped {
		if strings.HasSuffix(name, ".txt") { // of which the times count
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	said := ""
	o.Progress, o.Say = nil, func(text string) { said = text }
	if again := must(WriteText(o, []string{dir})); again.Train.Hash != whole.Train.Hash || again.Files != 4 || !strings.Contains(said, "going on") {
		t.Errorf("%+v, want %+v; said %q", again, whole, said)
	}
}
