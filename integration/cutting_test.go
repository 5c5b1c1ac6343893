package integration

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
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
	out = l.Must("show", "digits", "--sheet", "digits.png")
	for _, want := range []string{"digits/train: samples, 40 records, ", "image: uint8 [2 2 1]", "mean 0.38627, deviation 0.0043844, ", "4 classes, 10 to 10 of each"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if sheet, err := os.ReadFile(l.Path("digits.png")); err != nil || !bytes.HasPrefix(sheet, []byte("\x89PNG")) {
		t.Errorf("no PNG: %v", err)
	}
	l.WantError("no set", l.Run("show", "raw"), 1, "no shard set")
	l.WantError("text wanted", l.train("x", "--set", "data.train=digits/train"), 1, "data.train", "digits/train holds samples", "reads text")
	l.WantError("no label file", l.Run("shard", "idx", "--out", "x", "raw/t10k-labels-idx1-ubyte"), 1, "t10k-labels-idx1-ubyte", "want images")
}

// TestShardImages cuts folders of pictures of which some cannot be read.
func TestShardImages(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	const gif = "GIF87a\x01\x00\x01\x00\x80\x00\x00\x11\x22\x33\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
	for _, name := range []string{"train/2/a.gif", "train/10/b.gif", "test/10/c.gif", "train/.hidden/d.gif"} {
		l.Write("raw/"+name, gif)
	}
	l.Write("raw/train/2/cut.gif", gif[:20])
	l.Write("raw/train/10/empty.jpg", "")
	r := l.Run("shard", "images", "--out", "pets", "--held-out", "raw/test", "raw/train")
	l.WantError("unreadable pictures", r, 1, "2 of 5 cannot be read", "--skip-unreadable")
	for _, want := range []string{"raw/train/2/cut.gif: unreadable: damaged GIF", "raw/train/10/empty.jpg: unreadable: not a JPEG, PNG, GIF or WebP picture: it is empty"} {
		if !strings.Contains(r.Stdout, want) {
			t.Errorf("%q is not listed in\n%s", want, r.Stdout)
		}
	}
	l.WantError("nothing written", l.Run("verify", "pets"), 1, "no shard set")
	out := l.Must("shard", "images", "--out", "pets", "--held-out", "raw/test", "--skip-unreadable", "raw/train")
	for _, want := range []string{"pets/train: 2 samples", "pets/valid: 1 sample,", "2 classes: 0 2, 1 10\n", "left out: 1 hidden", "cut.gif: unreadable"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	l.Must("verify", "pets")
}

// TestShardGoesOn kills a cut in its midst: the same command goes on to the
// sets of an undisturbed one.
func TestShardGoesOn(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	var rows strings.Builder
	for i := range 700_000 {
		fmt.Fprintf(&rows, "%d,%d,%d\n", i, i*i%1009, i%10)
	}
	l.Write("rows.csv", rows.String())
	cut := func(out string) []string {
		return []string{"shard", "csv", "--out", out, "--shard-bytes", "300000", "--values", "1,2", "--class", "3", "rows.csv"}
	}
	l.Must(cut("calm")...)
	p := l.Start(cut("killed")...)
	l.waitFile(p, "killed/cut.journal", 8192)
	p.Signal(os.Kill)
	p.Wait()
	l.WantError("a set in the midst", l.Run("show", "killed"), 1, "no shard set")
	r := l.Run(cut("killed")...)
	if r.Code != 0 || !strings.Contains(r.Stderr, "killed: going on with the cut that was stopped here: ") {
		t.Errorf("%d: %s", r.Code, r.Stderr)
	}
	for _, name := range []string{"train/set.json", "train/train-00000.shard", "valid/set.json"} {
		calm, err := os.ReadFile(l.Path("calm", name))
		if err != nil {
			t.Fatal(err)
		}
		if killed, err := os.ReadFile(l.Path("killed", name)); err != nil || !bytes.Equal(calm, killed) {
			t.Errorf("%s is another, %v", name, err)
		}
	}
}

// waitFile waits until a process has written so many bytes of a file.
func (l *Lab) waitFile(p *Process, name string, bytes int64) {
	l.t.Helper()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if info, err := os.Stat(l.Path(name)); err == nil && info.Size() >= bytes {
			return
		}
		select {
		case <-tick.C:
		case <-p.done:
			l.t.Fatalf("%s left (%v) before it wrote %d bytes of %s", p.name, p.cmd.ProcessState, bytes, name)
		case <-l.ctx.Done():
			l.t.Fatalf("%s writes nothing to %s", p.name, name)
		}
	}
}
