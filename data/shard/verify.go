package shard

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"github.com/rondo-ml/rondo/data/objects"
)

// maxProblems bounds a report: a disk that is broken needs no longer list.
const maxProblems = 20

// Report is what [Verify] found.
type Report struct {
	Sets     []SetReport
	Problems []*CorruptError // the first 20, in the order of the files
}

// SetReport is what was read of one set.
type SetReport struct {
	Dir     string
	Kind    string
	Hash    string // as set.json has it
	Shards  int
	Blocks  int
	Records int64
	Size    int64 // bytes of payload
}

// Verify reads every byte of the set in dir, or of the sets in dir/train and dir/valid, and checks
// it against every checksum, count and hash there is. Damage is both in the report and in the
// error, which wraps each [*CorruptError]; a directory without a set is an error alone.
func Verify(dir string) (Report, error) {
	dirs, err := SetDirs(dir)
	if err != nil {
		return Report{}, err
	}
	v := &verifier{}
	for _, d := range dirs {
		if err := v.set(d); err != nil {
			return v.report, err
		}
	}
	errs := make([]error, len(v.report.Problems))
	for i, p := range v.report.Problems {
		errs[i] = p
	}
	return v.report, errors.Join(errs...)
}

// SetDirs finds the sets at dir: itself, or its train and valid. A directory without a set is an error.
func SetDirs(dir string) ([]string, error) {
	if objects.Named(dir) {
		return remoteSetDirs(dir)
	}
	if _, err := os.Lstat(filepath.Join(dir, manifestName)); err == nil {
		return []string{dir}, nil
	}
	var dirs []string
	for _, name := range []string{trainName, validName} {
		// A split's directory without set.json is one whose writing was cut off: looked at, it says so.
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.IsDir() {
			dirs = append(dirs, filepath.Join(dir, name))
		}
	}
	if len(dirs) == 0 {
		_, err := readManifest(dir)
		return nil, err
	}
	return dirs, nil
}

// verifier gathers a report. Its methods return an error only for what is not damage.
type verifier struct {
	report Report
	broken bool      // the current set has a problem
	hash   hash.Hash // of the current set
}

// note keeps a problem, and passes on an error of another sort.
func (v *verifier) note(err error) error {
	if err == nil {
		return nil
	}
	var c *CorruptError
	if !errors.As(err, &c) {
		return err
	}
	v.broken = true
	if len(v.report.Problems) < maxProblems {
		v.report.Problems = append(v.report.Problems, c)
	}
	return nil
}

func (v *verifier) set(dir string) error {
	m, err := readManifest(dir)
	if err != nil {
		return v.note(err)
	}
	v.report.Sets = append(v.report.Sets, SetReport{Dir: dir, Kind: m.Kind, Hash: m.Hash, Shards: len(m.Shards)})
	v.broken, v.hash = false, newHash(m.Kind, m.Meta)
	for _, f := range m.Shards {
		if err := v.note(v.shard(objects.Join(dir, f.Name), f, m.Kind)); err != nil {
			return err
		}
	}
	if got := hex.EncodeToString(v.hash.Sum(nil)); !v.broken && got != m.Hash {
		return v.note(&CorruptError{Shard: objects.Join(dir, manifestName), Block: -1,
			What: fmt.Sprintf("the content has the SHA-256 %s, the hash of the set is %s", got, m.Hash)})
	}
	return nil
}

// shard reads one shard from front to back. A damaged block is noted and the next one read.
func (v *verifier) shard(path string, want File, kind string) error {
	f, src, err := openShard(path, want)
	if err != nil {
		return err
	}
	defer f.Close()
	f = windowed(f, src.size, scanWindow)
	src.r = f
	x, err := src.readIndex()
	if err == nil {
		err = src.matches(x, want, kind)
	}
	if err != nil {
		return err
	}
	set := &v.report.Sets[len(v.report.Sets)-1]
	file := sha256.New()
	if _, err := io.Copy(file, io.NewSectionReader(f, 0, headerSize)); err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	whole := true
	for n, e := range x.entries {
		lengths, payload, raw, err := src.readBlock(n, e)
		if err != nil {
			whole = false
			if err := v.note(err); err != nil {
				return err
			}
			continue
		}
		file.Write(raw)
		hashRecords(v.hash, kind, lengths, payload)
		set.Blocks++
		set.Records += int64(e.records)
		set.Size += int64(e.payload)
	}
	end := src.size - footerSize - int64(x.length())
	if _, err := io.Copy(file, io.NewSectionReader(f, end, src.size-end)); err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	if got := hex.EncodeToString(file.Sum(nil)); whole && got != want.SHA256 {
		return src.corrupt(-1, 0, "the file has the SHA-256 %s, set.json says %s", got, want.SHA256)
	}
	return nil
}

// hashRecords adds the records of a block to the hash of the set.
func hashRecords(h hash.Hash, kind string, lengths, payload []byte) {
	for ; len(lengths) > 0; lengths = lengths[4:] {
		n := le.Uint32(lengths)
		hashRecord(h, kind, payload[:n])
		payload = payload[n:]
	}
}
