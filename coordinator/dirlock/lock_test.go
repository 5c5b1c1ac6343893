package dirlock

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// acquire takes a share in dir that must be given.
func acquire(t *testing.T, dir string, o Owner) *Lock {
	t.Helper()
	l, err := Acquire(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// refused wants a refusal that names the holder.
func refused(t *testing.T, dir string, o Owner, want ...string) {
	t.Helper()
	_, err := Acquire(dir, o)
	if held, ok := errors.AsType[*HeldError](err); !ok || held.Dir != dir {
		t.Fatalf("got %v, want a refusal", err)
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("got %q, want %q in it", err, w)
		}
	}
}

// Workers of one run share a directory; another run waits for the last of them,
// and does not mind the note that they leave.
func TestShare(t *testing.T) {
	dir := t.TempDir()
	first := acquire(t, dir, Self("one", "id-1", "worker-0"))
	second := acquire(t, dir, Self("one", "id-1", "worker-1"))
	other := Self("two", "id-2", "worker-0")
	refused(t, dir, other, dir, `run "one"`, "worker-0")
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	refused(t, dir, other, `run "one"`)
	if err := second.Release(); err != nil {
		t.Fatal(err)
	}
	third := acquire(t, dir, other)
	refused(t, dir, Self("one", "id-1", "worker-0"), `run "two"`)
	if err := third.Release(); err != nil {
		t.Fatal(err)
	}
}

// A directory that was removed and made anew is another's that takes it first. The processes of one run take it together, and go on
// while it is nobody's.
func TestRemoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	remake := func() {
		t.Helper()
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	remake()
	first := acquire(t, dir, Self("one", "id-1", "worker-0"))
	second := acquire(t, dir, Self("one", "id-1", "worker-1"))
	defer first.Release()
	defer second.Release()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := first.Check(); err != nil {
		t.Errorf("there is no directory: %v", err)
	}
	remake()
	if err := errors.Join(first.Check(), second.Check(), first.Check()); err != nil {
		t.Errorf("made anew: %v", err)
	}
	other := Self("two", "id-2", "worker-0")
	refused(t, dir, other, `run "one"`)
	remake()
	taken := acquire(t, dir, other)
	for _, l := range []*Lock{first, second} {
		if held, ok := errors.AsType[*HeldError](l.Check()); !ok || held.Owner.Run != "two" || !held.Taken {
			t.Errorf("another run has taken the directory: %v", held)
		}
	}
	if err := errors.Join(taken.Check(), taken.Release()); err != nil {
		t.Error(err)
	}
	if err := first.Check(); err == nil || !strings.Contains(err.Error(), `taken by run "two"`) {
		t.Errorf("when the other run has ended: %v", err)
	}
}

// A run of the same name that has another ID is another run.
func TestNamesakes(t *testing.T) {
	dir := t.TempDir()
	l := acquire(t, dir, Self("one", "id-1", "worker-0"))
	defer l.Release()
	refused(t, dir, Self("one", "id-2", "worker-0"))
}

// Many workers of two runs come at once: those of one get in, all of them, and
// none of the other.
func TestRace(t *testing.T) {
	dir := t.TempDir()
	const each = 6
	var in [2][each]error
	var wg sync.WaitGroup
	locks := make(chan *Lock, 2*each)
	for run := range in {
		for i := range each {
			wg.Go(func() {
				l, err := Acquire(dir, Self("race", string('a'+rune(run)), "worker"))
				in[run][i] = err
				if err == nil {
					locks <- l
				}
			})
		}
	}
	wg.Wait()
	winners := 0
	for run := range in {
		failed := 0
		for _, err := range in[run] {
			if err == nil {
				continue
			}
			if _, held := errors.AsType[*HeldError](err); !held {
				t.Fatal(err)
			}
			failed++
		}
		switch failed {
		case 0:
			winners++
		case each:
		default:
			t.Errorf("%d of %d workers of one run were refused", failed, each)
		}
	}
	if winners != 1 {
		t.Errorf("%d runs hold the directory", winners)
	}
	for range len(locks) {
		(<-locks).Release()
	}
}

// holderVariable has TestMain hold a directory until its standard input ends.
const holderVariable = "DIRLOCK_TEST_HOLD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holderVariable); dir != "" {
		if _, err := Acquire(dir, Self("dead", "id-dead", "worker-0")); err != nil {
			os.Exit(1)
		}
		os.Stdout.WriteString("held\n")
		os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A process that is killed holds nothing.
func TestDeadOwner(t *testing.T) {
	dir := t.TempDir()
	holder := exec.Command(os.Args[0])
	holder.Env = append(os.Environ(), holderVariable+"="+dir)
	stdin, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := stdout.Read(make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	next := Self("next", "id-next", "worker-0")
	refused(t, dir, next, `run "dead"`)
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait() // it was killed
	if err := acquire(t, dir, next).Release(); err != nil {
		t.Fatal(err)
	}
}

// A note that is cut short, or no note, names nobody and blocks nobody.
func TestDamagedNote(t *testing.T) {
	dir := t.TempDir()
	for _, text := range []string{"", `{"run": "x", "id`, strings.Repeat("x", 3*maxNote)} {
		if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		l := acquire(t, dir, Self("one", "id-1", "worker-0"))
		refused(t, dir, Self("two", "id-2", "worker-0"), `run "one"`)
		if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		refused(t, dir, Self("two", "id-2", "worker-0"), "another run")
		l.Release()
	}
}

func TestNoDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	if _, err := Acquire(dir, Self("one", "id-1", "worker-0")); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v", err)
	}
}

// A link that somebody left in the place of the file leads nowhere.
func TestLink(t *testing.T) {
	dir, other := t.TempDir(), filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(other, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(other, filepath.Join(dir, FileName)); err != nil {
		t.Skip(err)
	}
	_, err := Acquire(dir, Self("one", "id-1", "worker-0"))
	if err == nil || !strings.Contains(err.Error(), filepath.Join(dir, FileName)) {
		t.Errorf("got %v, want an error that names the link", err)
	}
	if text, err := os.ReadFile(other); string(text) != "text" {
		t.Errorf("what the link leads to holds %q (%v)", text, err)
	}
}
