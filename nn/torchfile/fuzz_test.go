package torchfile

import (
	"os"
	"path/filepath"
	"runtime/metrics"
	"testing"
)

// seeds are the files of testdata, which PyTorch wrote, and a small one.
func seeds(f *testing.F) {
	for _, pattern := range []string{"testdata/*.pth", "testdata/*.pt"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Add(small(tensorOf("K\x00K\x02K\x02\x86K\x02K\x01\x86")))
}

// allocated is how many bytes the program has allocated so far. Large blocks are in it at once.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// FuzzNew gives New any bytes: it answers with an error, or with tensors of no more bytes than
// the file has. It allocates in proportion to the file, whatever sizes are named in it.
func FuzzNew(f *testing.F) {
	// About a hundred bytes for each byte of a pickle, twice over while they grow, and three times
	// the tensors, which may be sixteen times the file; with buffers.
	const each, buffers = 2*2*100 + 3*16, 1 << 20
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		before := allocated()
		list, err := readAll(data)
		if grown := allocated() - before; grown > each*uint64(len(data))+buffers {
			t.Fatalf("a file of %d bytes allocates %d", len(data), grown)
		}
		if err != nil {
			return
		}
		for _, tensor := range list {
			if err := tensor.Check(); err != nil {
				t.Fatal(err)
			}
			if size := tensor.Len() * tensor.DType().Size(); size > len(data) {
				t.Fatalf("%s has %d bytes in a file of %d", tensor.Name, size, len(data))
			}
		}
	})
}

// FuzzPickle gives the stack machine any bytes.
func FuzzPickle(f *testing.F) {
	f.Add([]byte(tensorOf("K\x00K\x02K\x02\x86K\x02K\x01\x86")))
	f.Add([]byte("(lp0\nI5\naF1.5\naS'x'\naL7L\na(dp1\nVk\ng0\nsc__builtin__\nset\n(lp2\ntR(iposix\nsystem\n(cposix\nsystem\nVx\no2100."))
	f.Add([]byte("\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x01a\x8c\x01b\x93)\x81}\x94b\x8f(K\x01\x90\x85\x87."))
	f.Fuzz(func(t *testing.T, data []byte) { _, _ = readAll(small(string(data))) })
}
