package shard

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"regexp"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/data/objects"
)

const (
	manifestName   = "set.json"
	manifestFormat = "rondo-shards"
	maxManifest    = 64 << 20 // bytes read of a set.json: some 200 000 shards
)

// Manifest is set.json: what a set holds and which files make it.
type Manifest struct {
	Format  string          `json:"format"`  // always "rondo-shards"
	Version int             `json:"version"` // of the shards and of this file
	Kind    string          `json:"kind"`    // what a record is
	Meta    json.RawMessage `json:"meta,omitempty"`
	Size    int64           `json:"size"` // payload bytes of all shards: the length of a text
	Records int64           `json:"records"`

	// Hash is the hexadecimal SHA-256 of the content in order. For text that is the text, byte for byte, so that
	// `sha256sum` of the text says the same. For every other kind the kind, the meta without white space and each record
	// go in with their lengths (8 bytes, little-endian) before them, since there it matters where one ends.
	Hash string `json:"hash"`

	Shards []File `json:"shards"`

	// Checksum is the CRC-32C of this file as it is with an empty Checksum.
	Checksum string `json:"checksum"`
}

// File is one shard of a set.
type File struct {
	Name    string `json:"name"`
	Size    int64  `json:"size"` // of the file
	Blocks  int    `json:"blocks"`
	Records int64  `json:"records"`
	Bytes   int64  `json:"bytes"`  // of payload
	Index   string `json:"index"`  // CRC-32C of the index, which holds the CRC of each block
	SHA256  string `json:"sha256"` // of the file
}

// shardName is the name of shard number n of the set called name.
func shardName(name string, n int) string { return fmt.Sprintf("%s-%05d.shard", name, n) }

var shardNames = regexp.MustCompile(`^([A-Za-z0-9_.][A-Za-z0-9_.-]*)-\d{5,9}\.shard$`)

// encode gives the one byte form of a manifest; reading accepts no other.
func (m Manifest) encode() ([]byte, error) {
	m.Checksum = ""
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	m.Checksum = fmt.Sprintf("%08x", checksum(b))
	b, err = json.MarshalIndent(m, "", "  ")
	return append(b, '\n'), err
}

// readManifest reads DIR/set.json and checks all that can be checked without the shards.
func readManifest(dir string) (Manifest, error) {
	if objects.Named(dir) {
		return readRemoteManifest(dir)
	}
	path := filepath.Join(dir, manifestName)
	info, err := os.Stat(path)
	if err != nil {
		return Manifest{}, noManifest(dir, err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxManifest {
		return Manifest{}, &CorruptError{Shard: path, Block: -1, What: fmt.Sprintf("not a file of at most %d bytes", maxManifest)}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return Manifest{}, err
	}
	return decodeManifest(path, b)
}

// decodeManifest decodes and checks the bytes of a set.json.
func decodeManifest(path string, b []byte) (Manifest, error) {
	corrupt := func(format string, args ...any) error {
		return &CorruptError{Shard: path, Block: -1, What: fmt.Sprintf(format, args...)}
	}
	var m Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return Manifest{}, corrupt("%v", err)
	}
	if m.Format == manifestFormat && m.Version != Version {
		return Manifest{}, corrupt("set format version %d, this program reads version %d", m.Version, Version)
	}
	// The byte form is the program's own: one changed bit anywhere, even in white space, shows.
	if want, err := m.encode(); err != nil || !bytes.Equal(b, want) {
		return Manifest{}, corrupt("changed since it was written: its checksum %q does not match", m.Checksum)
	}
	if err := m.check(); err != nil {
		return Manifest{}, corrupt("%v", err)
	}
	return m, nil
}

// noManifest explains a directory without a readable set.json.
func noManifest(dir string, err error) error {
	if !os.IsNotExist(err) {
		return err
	}
	if _, statErr := os.Stat(dir); statErr != nil {
		return fmt.Errorf("no shard set at %s: %w", dir, statErr)
	}
	if _, statErr := os.Stat(filepath.Join(dir, "train", manifestName)); statErr == nil {
		return fmt.Errorf("no shard set in %s: %w; there is one in %s", dir, err, filepath.Join(dir, "train"))
	}
	return fmt.Errorf("no shard set in %s: %w; `%s shard --help` says what makes sets in DIR/train and DIR/valid; "+
		"set.json is written last", dir, err, program.Name())
}

// check holds the numbers of a manifest against each other.
func (m Manifest) check() error {
	if m.Format != manifestFormat {
		return fmt.Errorf("format %q, not %q", m.Format, manifestFormat)
	}
	if sum, err := hex.DecodeString(m.Hash); err != nil || len(sum) != 32 {
		return fmt.Errorf("hash %q is no SHA-256", m.Hash)
	}
	size, records := m.Size, m.Records
	for i, f := range m.Shards {
		if !shardNames.MatchString(f.Name) {
			return fmt.Errorf("shard %d: %q is no name of a shard", i, f.Name)
		}
		if f.Size < 0 || f.Blocks < 0 || f.Records < 0 || f.Bytes < 0 || f.Bytes > size || f.Records > records {
			return fmt.Errorf("shard %s: its numbers do not add up to those of the set", f.Name)
		}
		size, records = size-f.Bytes, records-f.Records
	}
	if size != 0 || records != 0 {
		return fmt.Errorf("the shards lack %d bytes and %d records of the set", size, records)
	}
	return nil
}

// writeManifest puts set.json in place: from here on the directory holds a set.
func writeManifest(dir string, m Manifest) error {
	b, err := m.encode()
	if err != nil {
		return fmt.Errorf("encoding %s: %w", filepath.Join(dir, manifestName), err)
	}
	path := filepath.Join(dir, manifestName)
	f, err := os.Create(path + tempSuffix)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err := closeSynced(f, err); err != nil {
		return err
	}
	if err := os.Rename(path+tempSuffix, path); err != nil {
		return err
	}
	return syncDir(dir)
}

// newHash begins the hash of a set; see [Manifest].
func newHash(kind string, meta json.RawMessage) hash.Hash {
	h := sha256.New()
	if kind == KindText {
		return h
	}
	compact, err := json.Marshal(meta) // in one byte form, whatever white space set.json gave it
	if err != nil || len(meta) == 0 {
		compact = nil
	}
	hashRecord(h, kind, []byte(kind))
	hashRecord(h, kind, compact)
	return h
}

// hashRecord adds one record to the hash of a set; see [Manifest].
func hashRecord(h hash.Hash, kind string, record []byte) {
	if kind != KindText {
		var n [8]byte
		le.PutUint64(n[:], uint64(len(record)))
		h.Write(n[:])
	}
	h.Write(record)
}
