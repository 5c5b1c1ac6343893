package cutting

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/cifar"
)

// records are n records of CIFAR-10: record i has class i modulo 10, and its red, green and blue are i, 100 and 200.
func records(n int) (b []byte) {
	for i := range n {
		b = append(b, byte(i%10))
		for _, c := range []byte{byte(i), 100, 200} {
			b = append(b, bytes.Repeat([]byte{c}, 32*32)...)
		}
	}
	return b
}

func TestCIFAR(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "data_batch_1.bin"), records(30))
	put(t, filepath.Join(dir, "data_batch_2.bin"), records(10))
	put(t, filepath.Join(dir, "test_batch.bin"), records(15))
	out := filepath.Join(dir, "out")
	sum, err := CIFAR(Options{Out: out}, []string{dir})
	if err != nil || sum.Train.Samples != 40 || sum.Valid.Samples != 15 || sum.Classes[9] != "truck" {
		t.Fatalf("%+v, %v", sum, err)
	}
	train, _, schema := all(t, out)
	if s := train[13]; !bytes.Equal(s[0].Data[:6], []byte{13, 100, 200, 13, 100, 200}) || s[1].Int32s()[0] != 3 || schema.Parts[0].Shape[2] != 3 {
		t.Errorf("%v of class %v", s[0].Data[:6], s[1].Int32s())
	}
	put(t, filepath.Join(dir, "batches.meta.txt"), []byte("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n"))
	if sum, err := CIFAR(Options{Out: out, Overwrite: true}, []string{dir}); err != nil || sum.Classes[9] != "j" {
		t.Errorf("%v, %v", sum.Classes, err)
	}
}

func TestCIFARRefuses(t *testing.T) {
	bad := records(3)
	bad[2*cifar.Ten.Record()] = 10
	for _, c := range []struct {
		name  string
		files map[string][]byte
		want  string
	}{
		{"cut", map[string][]byte{"train.bin": records(3)[1:]}, "train.bin: 9218 bytes are not a whole number"},
		{"empty", map[string][]byte{"train.bin": nil}, "train.bin: the file is empty"},
		{"class", map[string][]byte{"train.bin": bad}, "train.bin: record 2: class 10"},
		{"both", map[string][]byte{"train.bin": records(3), "test.bin": make([]byte, 3074)}, "test.bin holds CIFAR-100, and"},
		{"none", map[string][]byte{"x.bin": nil}, "holds no file such as"},
		{"names", map[string][]byte{"train.bin": records(3), "batches.meta.txt": []byte("a b")}, "batches.meta.txt names 2 classes"},
	} {
		dir := t.TempDir()
		for name, b := range c.files {
			put(t, filepath.Join(dir, name), b)
		}
		out := filepath.Join(dir, "out")
		if _, err := CIFAR(Options{Out: out}, []string{dir}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		wantNothing(t, c.name, out)
	}
}
