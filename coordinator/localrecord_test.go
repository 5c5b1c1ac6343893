package coordinator

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// startLocal opens a record for as long as the test runs.
func startLocal(t *testing.T, dir string) *localRecord {
	t.Helper()
	r, err := openLocal(dir, "r", "coordinator-0", quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// The values outlive the process; the directory is one process's at a time, and
// whoever is refused learns which.
func TestLocalAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "record")
	r := startLocal(t, dir)
	s := r.Store("r")
	leads(t, s, "a")
	if err := s.Put(t.Context(), "k", []byte(`"v"`)); err != nil {
		t.Fatal(err)
	}
	_, err := openLocal(dir, "another", "coordinator-0", quiet)
	for _, want := range []string{dir, `run "r"`, "coordinator-0", fmt.Sprint("process ", os.Getpid())} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a second one in the same directory: %v\nwant %q in it", err, want)
		}
	}
	if err := errors.Join(s.Close(), r.Close()); err != nil {
		t.Fatal(err)
	}
	again := startLocal(t, dir).Store("r")
	if values, err := again.Load(t.Context()); err != nil || string(values["k"]) != `"v"` {
		t.Errorf("values %q, %v", values, err)
	}
}

// Runs of several names have their records in one file.
func TestLocalNames(t *testing.T) {
	r := startLocal(t, t.TempDir())
	a, b := r.Store("a"), r.Store("b")
	leads(t, a, "x")
	if err := a.Put(t.Context(), "k", []byte(`"of a"`)); err != nil {
		t.Fatal(err)
	}
	if values, err := b.Load(t.Context()); err != nil || len(values) != 0 {
		t.Errorf("b has %q, %v", values, err)
	}
}

// The record of an earlier version is named, and left as it is.
func TestEarlierRecord(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "etcd", "member", "snap", "db")
	if err := errors.Join(os.MkdirAll(filepath.Dir(old), 0o700), os.WriteFile(old, []byte("old"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for start := range 2 {
		var log bytes.Buffer
		r, err := openLocal(dir, "r", "coordinator-0", slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		said := strings.Contains(log.String(), "--resume") && strings.Contains(log.String(), filepath.Join(dir, "etcd"))
		if said != (start == 0) {
			t.Errorf("start %d: log %q", start, &log)
		}
	}
	if text, err := os.ReadFile(old); err != nil || string(text) != "old" {
		t.Errorf("the old record: %q, %v", text, err)
	}
}

// A record that was cut short, or in which a byte is another, is an error that
// names the file and says how to go on; a run does not need the file.
func TestDamagedRecord(t *testing.T) {
	dir := t.TempDir()
	r, err := openLocal(dir, "r", "coordinator-0", quiet)
	if err != nil {
		t.Fatal(err)
	}
	s := r.Store("r")
	leads(t, s, "a")
	values := record{s}
	err = errors.Join(values.begin(t.Context(), runInfo{ID: "1", Name: "r"}),
		values.putJournal(t.Context(), JournalEntry{Step: 3, Stop: true}), s.Close(), r.Close())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, recordName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decodeRecord(whole); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range whole {
		if isSpace(whole[i]) || i == len(whole)-1 {
			continue
		}
		flipped := bytes.Clone(whole)
		flipped[i] ^= byte(1 + random.IntN(127))
		if got, err := decodeRecord(flipped); err == nil && !isSpace(flipped[i]) {
			t.Errorf("byte %d: %q in the place of %q is not found out: %q", i, flipped[i], whole[i], got)
		}
		if _, err := decodeRecord(whole[:i]); err == nil {
			t.Errorf("the first %d bytes are taken for the whole", i)
		}
	}
	if err := os.WriteFile(path, whole[:100], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openLocal(dir, "r", "coordinator-0", quiet); err == nil || !strings.Contains(err.Error(), path+" is damaged") {
		t.Errorf("cut short: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	startLocal(t, dir)
}

func isSpace(b byte) bool { return b == ' ' || b == '\n' || b == '\t' || b == '\r' }

// A view that the record does not take ends the run, with one error that names
// the file.
func TestViewUnrecorded(t *testing.T) {
	cfg := testConfig(t, 1)
	cfg.Store, cfg.RecordDir = nil, filepath.Join(t.TempDir(), "record")
	c := start(t, cfg)
	if err := os.RemoveAll(cfg.RecordDir); err != nil {
		t.Fatal(err)
	}
	f := dial(t, c.Addr(), "worker-0", cfg.Credentials.Client())
	f.join(hello(&c.cfg, "worker-0"))
	if end := f.end(); end.ExitCode != 1 {
		t.Errorf("the worker is told %v", end)
	}
	if r := result(t, c); r.ExitCode != 1 || !strings.Contains(r.Reason, filepath.Join(cfg.RecordDir, recordName)) {
		t.Errorf("result %+v", r)
	}
}
