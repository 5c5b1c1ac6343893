package checkpoint

import (
	"encoding/hex"
	"hash"
	"io"
)

// tally has the hash of a file that others read from front to back: what comes from a store is read once for all that is asked of it.
// It is not for concurrent use.
type tally struct {
	r    io.ReaderAt
	hash hash.Hash
	at   int64 // bytes hashed
	err  error // of reading
}

// ReadAt reads, and hashes what was not read before.
func (t *tally) ReadAt(p []byte, off int64) (int, error) {
	n, err := t.r.ReadAt(p, off)
	if err != nil && err != io.EOF {
		t.err = err
	}
	if end := off + int64(n); off <= t.at && t.at < end {
		t.hash.Write(p[t.at-off : n])
		t.at = end
	}
	return n, err
}

// sum is the hash of the whole file, of size bytes, in hexadecimal. What nobody has read it reads, unless reading has failed.
func (t *tally) sum(size int64) (string, error) {
	if t.err != nil {
		return "", t.err
	}
	if _, err := io.CopyBuffer(t.hash, io.NewSectionReader(t.r, t.at, size-t.at), make([]byte, bufferSize)); err != nil {
		return "", err
	}
	return hex.EncodeToString(t.hash.Sum(nil)), nil
}
