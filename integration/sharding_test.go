package integration

import (
	"strings"
	"testing"
)

// TestShardTextInAProject cuts the directory in which a run was trained: what
// Rondo wrote there is left out and counted.
func TestShardTextInAProject(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	l.finishedRun()
	l.Write("train.log", "step 1\n")
	out := l.Must("shard", "text", "--out", "again", "--list-left-out", ".")
	if !strings.HasPrefix(out, "2 files, ") { // text.txt and run.yaml
		t.Error(out)
	}
	for _, want := range []string{
		"shards/train: shard set\n", "shards/valid: shard set\n", "run/record: checkpoint or record of a run\n", "run/step-000000",
		"run/logs/worker-0.log: log\n", "train.log: log\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not among\n%s", want, out)
		}
	}
	l.WantError("a shard set is no text", l.Run("shard", "text", "--out", "x", "shards/train"), 1, "shards/train", "shard set")
}

// TestShardTextThatIsNone names files that are not text: an error where they
// are named, left out in a directory, and taken as they are with --bytes.
func TestShardTextThatIsNone(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	l.Write("d/a.txt", corpus(10))
	l.Write("d/b.txt", strings.Repeat("x", 7047)+"\x92"+strings.Repeat("y", 2952))
	const place = "d/b.txt: not UTF-8 text: byte 0x92 at offset 7047"
	l.WantError("named", l.Run("shard", "text", "--out", "x", "d/a.txt", "d/b.txt"), 1, place, "--bytes")
	l.WantError("alone", l.Run("shard", "text", "--out", "x", "d/b.txt"), 1, place)
	if out := l.Must("shard", "text", "--out", "x", "--list-left-out", "d"); !strings.Contains(out, "left out: 1 not UTF-8 text\n  "+place+"\n") {
		t.Error(out)
	}
	if out := l.Must("shard", "text", "--out", "x", "--overwrite", "--exclude", "b.*", "d"); !strings.Contains(out, "left out: 1 excluded") {
		t.Error(out)
	}
	if out := l.Must("shard", "text", "--out", "bytes", "--valid", "0", "--bytes", "d/b.txt"); !strings.HasPrefix(out, "1 file, 10.0 kB of text") {
		t.Error(out)
	}
}
