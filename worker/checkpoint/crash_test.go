package checkpoint

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

const home = "/runs/test"

// before is the state that each crash is tried in: step 7 was never committed, steps 5 and 10 were.
func before(t *testing.T) (*memFS, map[uint64]string) {
	t.Helper()
	m := newMemFS()
	five := mustSave(t, m, home, 5)
	if _, err := WriteFile(m, home, 7, contents(7)[0]); err != nil {
		t.Fatal(err)
	}
	ten := mustSave(t, m, home, 10)
	m.ops = nil
	return m, map[uint64]string{5: five.Digest, 10: ten.Digest}
}

// scenario writes, verifies and commits step 20 and rotates. It tells whether Commit had returned.
func scenario(fs FS) (committed bool, err error) {
	if _, err := save(fs, home, 20); err != nil {
		return false, err
	}
	return true, Rotate(fs, home, Keeping{Newest: 2}, maxStep)
}

// whole makes sure that every checkpoint that can be seen is whole, that the newest is 10 or 20, and 20 if
// it was committed; and returns the newest.
func whole(fs FS, digests map[uint64]string, committed bool) (uint64, error) {
	m, _, err := Newest(fs, home)
	if err != nil {
		return 0, err
	}
	if m.Step != 20 && (m.Step != 10 || committed) {
		return 0, fmt.Errorf("the newest is of step %d, committed: %v", m.Step, committed)
	}
	snap, err := Load(fs, home, m)
	if err != nil {
		return 0, err
	}
	if w := snap.Tensors(Weights)[1].Data.([]float32)[0]; w != float32(m.Step) {
		return 0, fmt.Errorf("step %d has weights of step %g", m.Step, w)
	}
	all, err := VerifyAll(fs, home)
	if err != nil {
		return 0, err
	}
	for _, s := range all {
		if s.Err != nil && !errors.Is(s.Err, ErrNone) {
			return 0, s.Err
		}
		if s.Err == nil && s.Manifest.Digest != digests[s.Step] {
			return 0, fmt.Errorf("%s has digest %s", s.Path, s.Manifest.Digest)
		}
	}
	return m.Step, nil
}

// goOn does what a run that was started again does: the scenario, if it had not come to its end.
func goOn(fs FS, newest uint64) error {
	if newest != 20 {
		if _, err := save(fs, home, 20); err != nil {
			return err
		}
	}
	if err := Rotate(fs, home, Keeping{Newest: 2}, maxStep); err != nil {
		return err
	}
	names, err := fs.ReadDir(home)
	if got := strings.Join(names, " "); err == nil && got != "step-000000010 step-000000020" {
		err = fmt.Errorf("there are %s", got)
	}
	return err
}

// copied is a file system of its own with the same files.
func copied(m *memFS) *memFS { return m.restart(func(int) bool { return true }, kept) }

// rehearse runs the scenario undisturbed, and gives the state before it, its operations and the digests of
// all steps.
func rehearse(t *testing.T) (*memFS, []string, map[uint64]string) {
	t.Helper()
	start, digests := before(t)
	m := copied(start)
	if _, err := scenario(m); err != nil {
		t.Fatal(err)
	}
	ops := m.ops
	newest, _, err := Newest(m, home)
	if err != nil {
		t.Fatal(err)
	}
	digests[20] = newest.Digest
	return start, ops, digests
}

// changes reports whether an operation does something to a disk.
func changes(op string) bool {
	kind, _, _ := strings.Cut(op, " ")
	return kind != "open" && kind != "read" && kind != "readdir" && kind != "close"
}

// TestCrash crashes at every operation of write, verify, commit and rotate, with every combination of what
// was not synced.
func TestCrash(t *testing.T) {
	start, ops, digests := rehearse(t)
	states, outcomes := 0, map[uint64]int{}
	for op := range ops {
		if !changes(ops[op]) && op != len(ops)-1 {
			continue // to crash here is to crash before the next that does
		}
		m := copied(start)
		m.plan = func(i int) outcome {
			if i == op {
				return crash
			}
			return fine
		}
		committed, err := scenario(m)
		if !errors.Is(err, errCrashed) {
			t.Fatalf("crash at %s: %v", ops[op], err)
		}
		for set, keep := range subsets(m.pending()) {
			for _, data := range []fate{lost, kept, torn} {
				if testing.Short() && (op+set+int(data))%3 != 0 {
					continue
				}
				again := m.restart(keep, data)
				newest, err := whole(again, digests, committed)
				if err == nil {
					err = goOn(again, newest)
				}
				if err == nil {
					_, err = whole(again, digests, true)
				}
				if err != nil {
					t.Fatalf("crash at operation %d, %s, changes %d, data %d: %v", op, ops[op], set, data, err)
				}
				states++
				outcomes[newest]++
			}
		}
	}
	t.Logf("%d operations, %d states after a crash: %v", len(ops), states, outcomes)
	if outcomes[10] == 0 || outcomes[20] == 0 {
		t.Error("the crashes do not lead to both outcomes")
	}
}

// TestErrors lets every operation fail, once or from then on, with an input/output error, a full disk, or
// an error for what was done. Nothing that was committed may suffer, and a second try succeeds.
func TestErrors(t *testing.T) {
	start, ops, digests := rehearse(t)
	for op := range ops {
		if testing.Short() && op%3 != 0 {
			continue
		}
		hows := []outcome{failing, full, misjudged}
		if !changes(ops[op]) {
			hows = hows[:1] // reading fails in one way only
		}
		for _, how := range hows {
			for _, lasting := range []bool{false, true} {
				m := copied(start)
				m.plan = func(i int) outcome {
					if i == op || (lasting && i > op) {
						return how
					}
					return fine
				}
				committed, err := scenario(m)
				name := fmt.Sprintf("operation %d, %s, outcome %d, lasting %v", op, ops[op], how, lasting)
				if err != nil && !strings.Contains(err.Error(), home) {
					t.Fatalf("%s: the error names no path: %v", name, err)
				}
				m.plan = nil
				if op%2 == 0 { // one that goes on removes what was written, one that was killed does not
					if err := Discard(m, home, 20); err != nil {
						t.Fatalf("%s: removing: %v", name, err)
					}
				}
				newest, err := whole(m, digests, committed)
				if err == nil {
					err = goOn(m, newest)
				}
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				// The error is followed by a crash, as a failing disk often is.
				for _, data := range []fate{lost, torn} {
					if _, err := whole(m.restart(func(int) bool { return false }, data), digests, true); err != nil {
						t.Fatalf("%s, then a crash: %v", name, err)
					}
				}
			}
		}
	}
}
