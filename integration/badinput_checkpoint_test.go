package integration

import (
	"fmt"
	"net"
	"os"
	"regexp"
	"testing"
)

// TestBadResume goes on from checkpoints that will not do.
func TestBadResume(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	before := l.finishedRun()
	l.Write("other.txt", corpus(2000))
	l.Must("shard", "text", "--out", "other", "--valid", "0.1", "other.txt")
	for _, c := range []struct {
		name, set string
		wants     []string
	}{
		{"another width", "model.hidden=33", []string{"model.hidden", "32 and 33"}},
		{"another cell", "model.cell=gru", []string{"model.cell", "lstm and gru"}},
		{"another seed", "seed=8", []string{"seed", "7 and 8"}},
		{"another rate", "optimizer.lr=1", []string{"optimizer.lr", "0.005 and 1"}},
		{"other data", "data.train=other/train", []string{"data", "hash"}},
	} {
		l.WantError(c.name, l.train("run", "--resume", "--set", c.set), 1, append(c.wants, "step-000000040")...)
	}
	l.WantError("without --resume", l.train("run"), 1, "run/step-000000040", "--resume", "checkpoint.dir")
	l.wantRun("run", before)
}

// TestDamagedCheckpoint goes on from a newest checkpoint that is damaged in
// many ways: the error names the file, and says how to go on from the one
// before, which then gives the digest of the calm run.
func TestDamagedCheckpoint(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	before := l.finishedRun()
	const newest = "step-000000040"
	for i, c := range []struct {
		name, file string
		do         func([]byte) []byte
	}{
		{"a flipped bit in the weights", "weights.safetensors", func(b []byte) []byte { b[len(b)/2] ^= 1; return b }},
		{"a flipped bit in a lane", "lane-003.safetensors", func(b []byte) []byte { b[len(b)-1] ^= 128; return b }},
		{"the optimizer cut short", "optimizer.safetensors", func(b []byte) []byte { return b[:len(b)/3] }},
		{"the manifest cut short", "manifest.json", func(b []byte) []byte { return b[:len(b)/2] }},
		{"the manifest edited", "manifest.json", func(b []byte) []byte { return append(b, '\n') }},
		{"a lane is gone", "lane-007.safetensors", nil},
	} {
		dir := fmt.Sprintf("damaged-%d", i)
		l.copyDir("run", dir)
		l.damage(dir+"/"+newest+"/"+c.file, c.do)
		path := dir + "/" + newest
		l.WantError(c.name, l.train(dir, "--resume", "--workers", "2"), 1, path+"/"+c.file, "damaged", "remove "+path)
		l.WantError(c.name+": rondo digest", l.Run("digest", dir), 1, c.file)
		l.WantError(c.name+": rondo verify", l.Run("verify", dir), 1, c.file)
		l.Must("verify", dir+"/step-000000030")
		if err := os.RemoveAll(l.Path(path)); err != nil {
			t.Fatal(err)
		}
		if r := l.train(dir, "--resume", "--workers", "2"); r.Code != 0 {
			t.Errorf("%s: going on from the one before: exit status %d\n%s", c.name, r.Code, r.Stderr)
		}
		l.wantRun(dir, before)
	}
}

// TestBadPlaces gives a directory that cannot be written and a port in use.
func TestBadPlaces(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	l.WantError("a directory below a file", l.train("text.txt/run"), 1, "checkpoint.dir", "text.txt/run", "directory")
	l.WantError("a file for a directory", l.train("text.txt"), 1, "checkpoint.dir", "text.txt", "directory")
	l.WantError("shards below a file", l.Run("shard", "text", "--out", "run.yaml/x", "text.txt"), 1, "run.yaml/x")

	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	addr := taken.Addr().String()
	r := l.Run("train", "run.yaml", "--status-addr", addr)
	l.WantError("a port in use", r, 1, addr, "in use", "--status-addr")
	l.WantError("nobody there", l.Run("status", "--status-addr", "127.0.0.1:1"), 1, "127.0.0.1:1", "is a run going on there?")
	if r := l.train("run"); r.Code != 0 {
		t.Errorf("after all that: exit status %d\n%s", r.Code, r.Stderr)
	}
}

// TestNotFinite lets a run run away: it ends with the step, the lane and the
// layer, and what was saved before stands.
func TestNotFinite(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	sets := []string{"--set", "optimizer.lr=3e36", "--set", "optimizer.clip=0", "--set", "schedule.kind=constant",
		"--set", "schedule.warmup=30", "--set", "steps=900", "--set", "batch.length=64",
		"--set", "checkpoint.every=2", "--set", "checkpoint.keep=99"}
	r := l.train("run", append(sets, "--workers", "3")...)
	l.WantError("a learning rate of 3e36", r, 1, "step ", "lane ", "first layer", "decoder", "not finite", "optimizer.lr", "The checkpoint of step", "stands")
	l.wantCommitted("run")
	again := l.train("run", append(sets, "--resume")...)
	l.WantError("the same again", again, 1, "not finite")
	if a, b := notFinite(r.Stderr), notFinite(again.Stderr); a != b {
		t.Errorf("one worker that goes on says %q, three said %q", b, a)
	}
}

// notFinite is the part of an error that says where it began.
func notFinite(stderr string) string {
	return regexp.MustCompile(`step \d+: the loss of lane \d+ is not finite; the first layer to show it is \w+`).FindString(stderr)
}
