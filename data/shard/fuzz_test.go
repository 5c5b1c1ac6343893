package shard

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// FuzzOpenShard feeds any bytes as a shard file. The checksums are made to fit, so that what is
// behind them is reached too.
func FuzzOpenShard(f *testing.F) {
	dir := smallSet(f, words(4, 100), 20, 1<<20)
	whole := must(os.ReadFile(filepath.Join(dir, "train-00000.shard")))
	f.Add(whole, false)
	f.Add(whole, true)
	f.Add(whole[:len(whole)-1], true)
	f.Add(whole[:100], false)
	f.Add([]byte(headMagic), false)
	f.Add(append(encodeHeader(), footer{indexOffset: headerSize}.encode()...), true)
	f.Fuzz(func(t *testing.T, b []byte, mend bool) {
		b = bytes.Clone(b)
		if mend {
			mendChecksums(b)
		}
		src := source{path: "x.shard", r: bytes.NewReader(b), size: int64(len(b))}
		x, err := src.readIndex()
		for n, e := range x.entries {
			if err == nil {
				_, _, _, err = src.readBlock(n, e)
			}
		}
		var c *CorruptError
		if err != nil && (!errors.As(err, &c) || c.Shard != "x.shard" || c.Offset < 0 || c.Offset > int64(len(b))) {
			t.Fatalf("%d bytes: %v", len(b), err)
		}
	})
}

// mendChecksums makes header, footer and index of a shard agree with their checksums.
func mendChecksums(b []byte) {
	if len(b) < headerSize+footerSize {
		return
	}
	le.PutUint32(b[12:], checksum(b[:12]))
	foot := b[len(b)-footerSize:]
	if at := le.Uint64(foot); at <= uint64(len(b)-footerSize) {
		le.PutUint32(foot[12:], checksum(b[at:len(b)-footerSize]))
	}
	le.PutUint32(foot[20:], checksum(foot[:20]))
}

// FuzzBlock feeds any bytes as a block, with an index entry to match or not, checksum mended.
func FuzzBlock(f *testing.F) {
	var b builder
	b.add([]byte("one"))
	b.add(nil)
	b.add([]byte("three"))
	block, _ := b.encode(nil, 2)
	f.Add(block, 2, uint32(3), uint32(8))
	f.Add(block[:20], 0, uint32(0), uint32(0))
	f.Add(block, 2, uint32(1<<31), uint32(1<<31))
	f.Add([]byte{}, -1, uint32(0), uint32(1<<32-20))
	f.Fuzz(func(t *testing.T, b []byte, number int, records, payload uint32) {
		b = bytes.Clone(b)
		e := entry{length: uint32(len(b)), records: records, payload: payload}
		if len(b) >= blockTail {
			e.crc = checksum(b[:len(b)-blockTail])
			le.PutUint32(b[len(b)-blockTail:], e.crc)
		}
		lengths, text, err := decodeBlock(b, number, e)
		if err == nil && (len(lengths) != 4*int(records) || len(text) != int(payload)) {
			t.Fatalf("%d lengths and %d bytes of %d and %d", len(lengths)/4, len(text), records, payload)
		}
	})
}

// FuzzManifest feeds any bytes as set.json: what is accepted has one byte form.
func FuzzManifest(f *testing.F) {
	dir := smallSet(f, words(4, 100), 20, 1<<20)
	f.Add(must(os.ReadFile(filepath.Join(dir, manifestName))))
	f.Add([]byte("{}\n"))
	f.Add([]byte(`{"format":"rondo-shards","version":1,"meta":{"<":1}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decodeManifest(manifestName, b)
		var c *CorruptError
		if err != nil && !errors.As(err, &c) {
			t.Fatal(err)
		}
		if again, e := m.encode(); err == nil && (e != nil || !bytes.Equal(again, b)) {
			t.Fatalf("%q reads as %q, %v", b, again, e)
		}
	})
}
