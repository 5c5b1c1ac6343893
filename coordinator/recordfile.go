package coordinator

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// recordFormat is the version of the record's file; a reader takes no other.
const recordFormat = 1

// maxRecord bounds the file that is read. A record has some kilobytes.
const maxRecord = 64 << 20

// recordFile is the file of a record on one machine. It is written anew with
// every change, under another name, and renamed into place, so a reader finds
// the record before a change or after it.
type recordFile struct {
	Format int             `json:"format"`
	SHA256 string          `json:"sha256"` // of Runs without spaces, hexadecimal
	Runs   json.RawMessage `json:"runs"`   // values by run and key
}

// sum is what SHA256 must be.
func (f *recordFile) sum() (string, error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, f.Runs); err != nil {
		return "", err
	}
	sum := sha256.Sum256(compact.Bytes())
	return hex.EncodeToString(sum[:]), nil
}

// readRecord reads a record. An error wraps os.ErrNotExist when there is none,
// and names the path.
func readRecord(path string) (recordValues, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for ever
		return nil, fmt.Errorf("%s is not a file; remove it and go on with --resume: the checkpoints do not depend on it", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(file, maxRecord+1))
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	runs, err := decodeRecord(text)
	if err != nil {
		return nil, fmt.Errorf("%s is damaged (%w); remove it and go on with --resume: the checkpoints do not depend on it", path, err)
	}
	return runs, nil
}

func decodeRecord(text []byte) (recordValues, error) {
	if len(text) > maxRecord {
		return nil, fmt.Errorf("more than %d bytes", maxRecord)
	}
	var f recordFile
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, err
	}
	if f.Format != recordFormat {
		return nil, fmt.Errorf("format %d, want %d; was it written by another version of rondo?", f.Format, recordFormat)
	}
	sum, err := f.sum()
	if err != nil {
		return nil, err
	}
	if sum != f.SHA256 {
		return nil, errors.New("its SHA-256 is another")
	}
	var raw map[string]map[string]json.RawMessage
	if err := json.Unmarshal(f.Runs, &raw); err != nil {
		return nil, err
	}
	runs := recordValues{}
	for run, values := range raw {
		runs[run] = map[string][]byte{}
		for key, value := range values {
			runs[run][key] = value
		}
	}
	return runs, nil
}

// writeRecord puts a record into place. When it returns the record is durable;
// on an error the one before stands.
func writeRecord(path string, runs recordValues) error {
	raw := map[string]map[string]json.RawMessage{}
	for run, values := range runs {
		raw[run] = map[string]json.RawMessage{}
		for key, value := range values {
			raw[run][key] = value
		}
	}
	f := recordFile{Format: recordFormat}
	var err error
	if f.Runs, err = json.Marshal(raw); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if f.SHA256, err = f.sum(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	text, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return replaceFile(path, append(text, '\n'))
}

// replaceFile writes a file that its owner alone may read, in the place of one
// that may be there.
func replaceFile(path string, text []byte) error {
	fresh := path + ".new"
	_ = os.Remove(fresh) // of a process that was killed; or a pipe, which would wait for ever
	file, err := os.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		_ = os.Remove(fresh)
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes the names in a directory durable.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
