package cutting

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/data/shard"
)

// filesOf are the contents of all files below a directory.
func filesOf(t testing.TB, dir string) map[string]string {
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

func putFiles(t testing.TB, dir string, list map[string]string) {
	for name, content := range list {
		put(t, filepath.Join(dir, name), []byte(content))
	}
}

// stopped is a cut of 320 pictures, of which a few cannot be read and a few are none, with what lay in its output
// directory after so many sources, as a kill would leave it.
type stopped struct {
	opts   ImagesOptions
	in     string
	whole  map[string]string         // of an undisturbed cut
	states map[int]map[string]string // by sources taken
}

func newStopped(t testing.TB) *stopped {
	dir := t.TempDir()
	s := &stopped{in: filepath.Join(dir, "in"), states: map[int]map[string]string{}}
	for i := range 320 {
		content := square(1+i*7%40, byte(i))
		name := fmt.Sprintf("%03d.png", i)
		switch {
		case i%50 == 7:
			content = content[:len(content)/2]
		case i%50 == 9:
			content, name = []byte("notes"), fmt.Sprintf("%03d.txt", i)
		}
		put(t, filepath.Join(s.in, fmt.Sprint(i%2), name), content)
	}
	s.opts = ImagesOptions{Options: Options{Valid: 0.2, SkipUnreadable: true, ShardBytes: 150 << 10, Workers: 3},
		PictureOptions: PictureOptions{Square: 24, Tile: 16, Stride: 8}}
	out := filepath.Join(dir, "out")
	o := s.opts
	o.Out = out
	o.Progress = func(done, _ int) { s.states[done] = filesOf(t, out) }
	if _, err := Images(o, []string{s.in}); err != nil {
		t.Fatal(err)
	}
	s.whole = filesOf(t, out)
	return s
}

// goOn cuts with what lay there, and says what the cut said.
func (s *stopped) goOn(t testing.TB, state map[string]string, change func(*ImagesOptions)) (said string, made map[string]string) {
	t.Helper()
	o := s.opts
	o.Out = filepath.Join(t.TempDir(), "out")
	putFiles(t, o.Out, state)
	o.Say = func(text string) { said += text }
	if change != nil {
		change(&o)
	}
	sum, err := Images(o, []string{s.in})
	if err != nil {
		t.Fatal(err)
	}
	if len(sum.Unreadable) != 7 || len(sum.LeftOut) != 7 {
		t.Errorf("%d cannot be read, %d left out", len(sum.Unreadable), len(sum.LeftOut))
	}
	return said, filesOf(t, o.Out)
}

func (s *stopped) want(t testing.TB, what, said, want string, made map[string]string) {
	t.Helper()
	if !strings.Contains(said, want) {
		t.Errorf("%s: said %q, want %q", what, said, want)
	}
	if !maps.Equal(made, s.whole) {
		t.Errorf("%s: made %d files %v, an undisturbed cut %v", what, len(made), slices.Sorted(maps.Keys(made)), slices.Sorted(maps.Keys(s.whole)))
	}
}

// A cut that was stopped anywhere goes on to the files of an undisturbed one, whatever the kill left of its last writes.
func TestStoppedCutGoesOn(t *testing.T) {
	s := newStopped(t)
	if len(s.whole) < 6 {
		t.Fatalf("%d files: more than one shard each are wanted", len(s.whole))
	}
	for done, state := range s.states {
		said, made := s.goOn(t, state, nil)
		want := "samples stand"
		if done == 64 { // the journal had not been written yet
			want = ""
		}
		s.want(t, fmt.Sprintf("after %d", done), said, want, made)
	}
	damages := []func([]byte) []byte{
		func(b []byte) []byte { return b[:len(b)-1] },
		func(b []byte) []byte { return b[:len(b)/3] },
		func(b []byte) []byte { return nil },
		func(b []byte) []byte { b[len(b)/2] ^= 4; return b },
		func(b []byte) []byte { return append(b, make([]byte, 100)...) },
	}
	names := slices.Sorted(maps.Keys(s.states[256]))
	for i := range max(len(names), len(damages)) { // each damage and each file once or more
		state, name := maps.Clone(s.states[256]), names[i%len(names)]
		state[name] = string(damages[i%len(damages)]([]byte(state[name])))
		delete(state, names[(i+1)%len(names)])
		said, made := s.goOn(t, state, nil)
		s.want(t, fmt.Sprintf("%s damaged, %s removed", name, names[(i+1)%len(names)]), said, "", made)
	}
}

// What stands is not decoded again: it may be gone, as long as it looks the same.
func TestGoingOnLoadsOnlyTheRest(t *testing.T) {
	s := newStopped(t)
	path := filepath.Join(s.in, "0", "000.png")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	put(t, path, bytes.Repeat([]byte("x"), int(info.Size()))) // of the same size and time, and no picture
	if err := os.Chtimes(path, time.Time{}, info.ModTime()); err != nil {
		t.Fatal(err)
	}
	said, made := s.goOn(t, s.states[256], nil)
	s.want(t, "first picture gone", said, "samples stand", made)
}

// With other options or data a cut begins anew, and says so.
func TestOtherCutBeginsAnew(t *testing.T) {
	s := newStopped(t)
	said, made := s.goOn(t, s.states[256], func(o *ImagesOptions) { o.Grey = true })
	if !strings.Contains(said, "beginning anew") || maps.Equal(made, s.whole) {
		t.Errorf("other options: %q", said)
	}
	if err := os.Chtimes(filepath.Join(s.in, "1", "319.png"), time.Time{}, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	said, made = s.goOn(t, s.states[256], nil)
	s.want(t, "other data", said, "beginning anew", made)
	said, made = s.goOn(t, s.states[256], func(o *ImagesOptions) {
		if err := os.WriteFile(filepath.Join(o.Out, shard.JournalName), []byte("notes of mine\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	})
	s.want(t, "another file of that name", said, "beginning anew", made)
}

// A cut that was stopped does not go on with samples of one of another kind, which was stopped there after it.
func TestStoppedCutOfAnotherKind(t *testing.T) {
	s := newStopped(t)
	dir := t.TempDir()
	out, batch := filepath.Join(dir, "out"), filepath.Join(dir, "data_batch_1.bin")
	putFiles(t, out, s.states[256])
	put(t, batch, records(250))
	var left map[string]string
	_, err := CIFAR(Options{Out: out, Valid: 0.2, Progress: func(done, total int) {
		if done < total {
			left = filesOf(t, out)
		}
	}}, []string{batch})
	if err != nil || len(left) < 2 {
		t.Fatalf("%d files, %v", len(left), err)
	}
	said, made := s.goOn(t, left, nil)
	s.want(t, "after CIFAR", said, "beginning anew", made)
}

// Nor does it go on with the shards of a text, which has a journal of its own in the place of the cut's.
func TestTextEndsAStoppedCut(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "a.txt"), []byte("a text of one line, of which a part is held out\n"))
	journal := filepath.Join(dir, "out", shard.JournalName)
	put(t, journal, []byte(shard.JournalHead+"a\n1\n"))
	if _, err := shard.WriteText(shard.TextOptions{Out: filepath.Dir(journal)}, []string{filepath.Join(dir, "a.txt")}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(journal); !os.IsNotExist(err) {
		t.Errorf("the journal is there: %v", err)
	}
}

// Two cuts into one directory do not disturb each other: the second is refused.
func TestTwoCutsIntoOneDirectory(t *testing.T) {
	dir := t.TempDir()
	j, _, err := openJournal(dir, "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := openJournal(dir, "a"); err == nil || !strings.Contains(err.Error(), "another process is cutting into this directory") {
		t.Error(err)
	}
	j.end()
	j, _, err = openJournal(dir, "a")
	if err != nil {
		t.Fatal(err)
	}
	j.end()
	wantNothing(t, "ended journals", dir)
}

// At no time do two hold a journal, also where one removes it while another opens it.
func TestOneHoldsAJournal(t *testing.T) {
	dir := t.TempDir()
	var holding, held atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 500 {
				j, _, err := openJournal(dir, "a")
				if err != nil {
					continue
				}
				if n := holding.Add(1); n != 1 {
					t.Errorf("%d hold it", n)
				}
				held.Add(1)
				runtime.Gosched()
				holding.Add(-1)
				j.end()
			}
		})
	}
	all.Wait()
	if held.Load() == 0 {
		t.Error("nobody ever held it")
	}
}

// FuzzJournal feeds any bytes as a journal: what it says is an outcome that is written the same.
func FuzzJournal(f *testing.F) {
	f.Add([]byte("1\n0\n-\"not a picture\"\n!\"x\\ny\"\n17"))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		put(t, filepath.Join(dir, shard.JournalName), slices.Concat([]byte(shard.JournalHead+"a\n"), b))
		j, another, err := openJournal(dir, "a")
		if err != nil || another {
			t.Fatal(another, err)
		}
		defer j.end()
		for range j.told {
			o, told, err := j.next()
			if err != nil || !told || o.samples < 0 {
				t.Fatal(o, told, err)
			}
		}
		if _, told, err := j.next(); told || err != nil {
			t.Fatal(told, err)
		}
	})
}
