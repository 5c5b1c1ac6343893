package coordinator

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/rondo-ml/rondo/coordinator/dirlock"
)

// Names in a record's directory.
const (
	recordName = "record.json"
	earlierDir = "etcd" // up to 0.4.0 an etcd of the coordinator's kept its data there
)

// localRecord is the record of runs whose coordinators are all in this process:
// one small file (recordfile.go). One process at a time can use its directory.
type localRecord struct {
	path     string
	lock     *dirlock.Lock
	election election
	runs     recordValues // as they are in the file; guarded by the election's lock
	close    sync.Once
}

// recordValues are the values of each run by key, by the run's name. A map of
// them is not changed once it is in use.
type recordValues map[string]map[string][]byte

// openLocal opens the record in dir, which it makes (mode 0700) if need be, for
// the coordinator called name.
func openLocal(dir, run, name string, log *slog.Logger) (*localRecord, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the record's directory: %w", err)
	}
	lock, err := dirlock.Acquire(dir, dirlock.Self(run, rand.Text(), name))
	if held, ok := errors.AsType[*dirlock.HeldError](err); ok {
		return nil, fmt.Errorf("the record: %w; end that run first, or give this one a directory of its own", held)
	} else if err != nil {
		return nil, fmt.Errorf("the record: %w", err)
	}
	r := &localRecord{path: filepath.Join(dir, recordName), lock: lock}
	r.runs, err = readRecord(r.path)
	if errors.Is(err, os.ErrNotExist) {
		tellOfEarlier(filepath.Join(dir, earlierDir), r.path, log)
		err = writeRecord(r.path, r.runs) // what is wrong with the directory shows now, not in the midst of the run
	}
	if err != nil {
		return nil, fmt.Errorf("the record: %w", errors.Join(err, lock.Release()))
	}
	r.election.terms = r.runs.lastTerm()
	return r, nil
}

// lastTerm is the highest term of a leader that wrote here: workers may still know it.
func (r recordValues) lastTerm() uint64 {
	var last uint64
	for _, values := range r {
		var run runInfo
		if json.Unmarshal(values[keyRun], &run) == nil {
			last = max(last, run.Term)
		}
	}
	return last
}

// tellOfEarlier says what becomes of a record that an earlier version left.
func tellOfEarlier(earlier, path string, log *slog.Logger) {
	if _, err := os.Stat(earlier); err == nil {
		log.Warn("the record here is an embedded etcd of rondo 0.4.0 or earlier; it is left as it is and not read. A new record begins; "+
			"--resume goes on from the checkpoints, and the old record may then be removed", "old", earlier, "new", path)
	}
}

// Store returns a coordinator's access to a run's record.
func (r *localRecord) Store(run string) Store {
	return &localStore{candidate{among: &r.election}, r, run}
}

// Close lets go of the directory.
func (r *localRecord) Close() error {
	var err error
	r.close.Do(func() { err = r.lock.Release() })
	return err
}

type localStore struct {
	candidate
	record *localRecord
	run    string
}

func (s *localStore) Load(context.Context) (map[string][]byte, error) {
	s.among.mu.Lock()
	defer s.among.mu.Unlock()
	return maps.Clone(s.record.runs[s.run]), nil
}

func (s *localStore) Put(_ context.Context, key string, value []byte) error {
	return s.change(func(values map[string][]byte) { values[key] = slices.Clone(value) })
}

func (s *localStore) Clear(context.Context) error {
	return s.change(func(values map[string][]byte) { clear(values) })
}

// change writes the file anew with other values of the run. When that fails the
// values before stand.
func (s *localStore) change(change func(map[string][]byte)) error {
	return s.fenced(func() error {
		values := map[string][]byte{}
		maps.Copy(values, s.record.runs[s.run])
		change(values)
		runs := recordValues{}
		maps.Copy(runs, s.record.runs)
		runs[s.run] = values
		if err := writeRecord(s.record.path, runs); err != nil {
			return err
		}
		s.record.runs = runs
		return nil
	})
}
