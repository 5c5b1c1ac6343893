package integration

import (
	"os"
	"regexp"
	"testing"
)

// TestBadData gives shards that cannot be trained on. It is said before
// anything is started, and what an earlier run saved stays as it is.
func TestBadData(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	before := l.finishedRun()
	l.copyDir("shards", "cut")
	l.damage("cut/train/train-00000.shard", func(b []byte) []byte { return b[:len(b)/2] })
	l.copyDir("shards", "tail")
	l.damage("tail/valid/valid-00000.shard", func(b []byte) []byte { return b[:len(b)-1] })
	l.copyDir("shards", "index")
	l.damage("index/train/train-00000.shard", func(b []byte) []byte { b[len(b)-10] ^= 1; return b })
	l.copyDir("shards", "gone")
	if err := os.Remove(l.Path("gone/train/train-00000.shard")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, set string
		wants     []string
	}{
		{"train too short", "batch.length=60000", []string{"run.yaml", "data.train", "shards/train", "bytes", "batch.length 60000", "16*60000+1"}},
		{"valid too short", "batch.length=2000", []string{"run.yaml", "data.valid", "shards/valid", "bytes", "batch.length 2000"}},
		{"no such set", "data.train=nowhere", []string{"run.yaml", "data.train", "nowhere"}},
		{"no such held-out set", "data.valid=nowhere", []string{"run.yaml", "data.valid", "nowhere"}},
		{"cut short", "data.train=cut/train", []string{"data.train", "cut/train/train-00000.shard", "block", "cut short", "byte"}},
		{"cut short by a byte", "data.valid=tail/valid", []string{"data.valid", "tail/valid/valid-00000.shard", "cut short"}},
		{"a flipped bit in the index", "data.train=index/train", []string{"data.train", "index/train/train-00000.shard", "CRC-32C"}},
		{"a shard is gone", "data.train=gone/train", []string{"data.train", "gone/train/train-00000.shard"}},
	} {
		l.WantError(c.name, l.train("run", "--resume", "--set", c.set), 1, c.wants...)
	}
	l.wantRun("run", before)
}

// TestFlippedBit damages a block that is first read when the run is well under
// way: the run ends with the shard, the block and its offset, and the
// checkpoint from before stands.
func TestFlippedBit(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	l.Write("text.txt", corpus(8000))
	l.Must("shard", "text", "--out", "shards", "--valid", "0.05", "text.txt")
	// Two rows, each from a block of its own: the last target of the first one's
	// step 127 is the first byte of block 1.
	l.Write("run.yaml", `name: long
model: {kind: charlm, cell: rnn, hidden: 8, embed: 8}
data: {train: shards/train, valid: shards/valid}
batch: {global: 2, lanes: 2, length: 512}
steps: 200
eval: {every: 0}
checkpoint: {dir: run, every: 20, keep: 9}
`)
	const middle = 16 + 3*(64<<10)/2
	l.damage("shards/train/train-00000.shard", func(b []byte) []byte { b[middle] ^= 4; return b })

	r := l.train("run", "--workers", "2")
	l.WantError("one flipped bit", r, 1, "shards/train/train-00000.shard", "block 1 at byte 65", "CRC-32C", "at step 127", "--resume")
	l.waitNobody()
	l.wantCommitted("run")
	v := l.Run("verify", "shards")
	l.WantError("rondo verify", v, 1, "train-00000.shard", "block 1 at byte 65", "CRC-32C")
	if m := regexp.MustCompile(`(?m)^whole$`).FindString(v.Stdout); m != "" {
		t.Errorf("rondo verify calls it whole:\n%s", v.Stdout)
	}
}
