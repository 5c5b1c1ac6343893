package cmd

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rondo-ml/rondo/nn/zoo"
)

// The weights of the sentiment unit as they were published are probed, looked at and written with as they are.
func TestPublishedWriter(t *testing.T) {
	const set = "../nn/numpy/testdata/set" // of 5 units
	m, path, err := findWriter(set)
	if err != nil {
		t.Fatal(err)
	}
	model, err := loadWriter(path, m)
	if err != nil {
		t.Fatal(err)
	}
	text, err := zoo.Sample(model, []byte("\n "), 50, 0.7, 1, zoo.Hold{Unit: 4, Value: 2})
	if err != nil {
		t.Fatal(err)
	}
	if status, out := writes(t, set, "--review", "--length", "50", "--hold", "4=2"); status != 0 || out != "\n "+string(text)+"\n" {
		t.Errorf("%d %q, want %q", status, out, text)
	}
	file := filepath.Join(t.TempDir(), "some.txt")
	status, out := probes(t, set, "--data", sentences(t, "train.csv", 20), "--labels", "11", "--draws", "1", "--resamples", "0")
	if status != 0 {
		t.Fatal(out)
	}
	wantText(t, out, "set, step 0: rnn.c_l0 of 5 units")
	if err := os.WriteFile(file, []byte("some"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, out = looks(t, "text", set, file, "--cell", "5"); status != 2 {
		t.Errorf("exit status %d", status)
	}
	wantText(t, out, "--cell 5: rnn.c_l0 has 5, from 0 on")
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "0.npy"), []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, out = writes(t, broken); status != 1 {
		t.Errorf("exit status %d", status)
	}
	wantText(t, out, "0.npy")
}
