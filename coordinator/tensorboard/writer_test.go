package tensorboard

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var rewrite = flag.Bool("rewrite", false, "write the known file anew; check it with testdata/read.py")

// The known file was read by TensorBoard's own reader: see testdata/read.py.
func TestKnownFile(t *testing.T) {
	var out bytes.Buffer
	at := time.Unix(1_700_000_000, 250_000_000)
	w := NewWriter(&out, at)
	w.Text(at, 0, "run file", "    steps: 3\n")
	w.Scalars(at, 1, Scalar{"loss", 2.5}, Scalar{"lr", 1e-4})
	w.Scalars(at.Add(time.Second), 2, Scalar{"loss", 99})
	w.Restart(at.Add(2*time.Second), 2)
	w.Scalars(at.Add(3*time.Second), 2, Scalar{"loss", 1.5})
	w.Scalars(at.Add(4*time.Second), 300, Scalar{"held-out/accuracy", 0.75})
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "events.out.tfevents.known")
	if *rewrite {
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(out.Bytes(), want) {
		t.Errorf("other bytes than those that TensorBoard has read: %v", err)
	}
}

// A file is made with its directory, and grows with each flush.
func TestCreate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	w, f, err := Create(dir, time.Unix(1, 0))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w.Scalars(time.Unix(2, 0), 1, Scalar{"loss", 1})
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(dir, "events.out.tfevents.0000000001.*"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	if info, err := os.Stat(found[0]); err != nil || info.Size() < 80 {
		t.Error(info, err)
	}
	if _, _, err := Create(found[0], time.Unix(1, 0)); err == nil {
		t.Error("a file is taken for a directory")
	}
}
