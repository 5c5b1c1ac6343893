package torchfile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// newInput reads a stretch of a file.
func newInput(r io.ReaderAt, at, size int64) *input {
	b := bufio.NewReaderSize(io.NewSectionReader(r, at, size), int(min(size, 1<<16)))
	return &input{r: b, src: b, size: size}
}

// legacyMagic is the number in the first pickle of the legacy framing.
const legacyMagic = "l\xfc\x9cF\xf9 j\xa8P\x19"

// isLegacy says whether a file begins with the pickle of that number, in any protocol.
func isLegacy(head []byte) bool {
	return len(head) > 0 && head[0] == 0x80 && bytes.Contains(head[:min(len(head), 32)], []byte(legacyMagic))
}

// readLegacy reads the pickles of the legacy framing, and where the storages are.
func readLegacy(r io.ReaderAt, size int64) (any, map[string]*record, error) {
	in := newInput(r, 0, size)
	classes := storages{}
	var parts [5]any
	for i, what := range []string{"magic number", "version", "sizes of integers", "object", "list of storages"} {
		var err error
		if parts[i], err = unpickle(in, classes.load); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", what, err)
		}
	}
	if parts[0] != any(long(legacyMagic)) {
		return nil, nil, errors.New("its magic number is not that of torch.save")
	}
	if parts[1] != any(int64(1001)) {
		return nil, nil, fmt.Errorf("the version of its format is %s, want 1001", describe(parts[1]))
	}
	if system, ok := parts[2].(*dict); ok && system.values["little_endian"] == any(false) {
		return nil, nil, errors.New("it was written on a big-endian machine")
	}
	keys, ok := parts[4].(*list)
	if !ok {
		return nil, nil, fmt.Errorf("the list of storages is %s", describe(parts[4]))
	}
	records, err := legacyRecords(r, in.at, size, keys.items, classes)
	return parts[3], records, err
}

// legacyRecords finds the storages behind the pickles: for each key the number of elements
// in 8 bytes, and the elements.
func legacyRecords(r io.ReaderAt, at, size int64, keys []any, classes storages) (map[string]*record, error) {
	records := map[string]*record{}
	for _, k := range keys {
		key, ok := k.(string)
		if !ok {
			return nil, fmt.Errorf("the key of a storage is %s", describe(k))
		}
		s := classes[key]
		if s == nil || s.dtype == "" {
			return nil, fmt.Errorf("storage %s has no element type that is known, so those behind it cannot be found", quote(key))
		}
		if _, twice := records[key]; twice {
			return nil, fmt.Errorf("storage %s is there twice", quote(key))
		}
		var length [8]byte
		if _, err := r.ReadAt(length[:], at); err != nil || size-at < 8 {
			return nil, fmt.Errorf("storage %s is not in the file; is it cut short?", quote(key))
		}
		n := binary.LittleEndian.Uint64(length[:])
		at += 8
		width := uint64(s.dtype.Size())
		if n > uint64(size-at)/width {
			return nil, fmt.Errorf("storage %s has %d elements of %s, which leave the file; is it cut short?", quote(key), n, s.dtype)
		}
		records[key] = &record{at: at, size: int64(n * width)}
		at += int64(n * width)
	}
	return records, nil
}
