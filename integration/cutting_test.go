package integration

import (
	"bytes"
	"strings"
	"testing"
)

// TestShardIDX cuts MNIST-style files, looks at the sets, and gives them to a
// model that reads text.
func TestShardIDX(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	for _, name := range []string{"train", "t10k"} {
		l.Write("raw/"+name+"-images-idx3-ubyte", "\x00\x00\x08\x03\x00\x00\x00\x28\x00\x00\x00\x02\x00\x00\x00\x02"+strings.Repeat("abcd", 40))
		l.Write("raw/"+name+"-labels-idx1-ubyte", "\x00\x00\x08\x01\x00\x00\x00\x28"+string(bytes.Repeat([]byte{0, 1, 2, 3}, 10)))
	}
	out := l.Must("shard", "idx", "--out", "digits", "raw")
	for _, want := range []string{"digits/train: 40 samples, ", "digits/valid: 40 samples, ", "4 classes: 0 0, 1 1, 2 2, 3 3\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if out := l.Must("verify", "digits"); !strings.HasSuffix(out, "whole\n") {
		t.Error(out)
	}
	l.WantError("text wanted", l.train("x", "--set", "data.train=digits/train"), 1, "data.train", "digits/train holds samples", "reads text")
	l.WantError("no label file", l.Run("shard", "idx", "--out", "x", "raw/t10k-labels-idx1-ubyte"), 1, "t10k-labels-idx1-ubyte", "want images")
}
