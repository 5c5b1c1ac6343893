package integration

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// TestTrained uses a run that has finished: digest, verify, eval, sample.
func TestTrained(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	r := l.train("run", "--workers", "2")
	if r.Code != 0 {
		t.Fatalf("exit status %d\n%s", r.Code, r.Stderr)
	}
	held := find(t, r.Stdout, `held out +(\S+) bits/byte`)
	digest := find(t, r.Stdout, `(?m)^digest +([0-9a-f]{64})$`)

	if out := l.Must("digest", "run"); out != digest+"\n" {
		t.Errorf("rondo digest prints %q, want %q alone on a line", out, digest)
	}
	if out := l.Must("digest", "run/step-000000040"); out != digest+"\n" {
		t.Errorf("rondo digest of the checkpoint prints %q", out)
	}
	if out := l.Must("digest", "run/step-000000020"); out == digest+"\n" {
		t.Error("two checkpoints have the same digest")
	}
	if out := l.Must("verify", "run"); strings.Count(out, ": whole, digest ") != 3 || !strings.Contains(out, digest) {
		t.Errorf("rondo verify of three checkpoints prints\n%s", out)
	}
	for _, threads := range []string{"1", "3"} {
		out := l.Must("eval", "run", "--data", "shards/valid", "--threads", threads)
		if got := find(t, out, `^(\S+) bits/byte`); got != held {
			t.Errorf("rondo eval with %s threads: %s bits/byte, the run itself %s", threads, got, held)
		}
	}
	l.WantError("eval on nothing", l.Run("eval", "run", "--data", "nowhere"), 1, "nowhere")
	l.WantError("digest of nothing", l.Run("digest", "nowhere"), 1, "no checkpoint", "nowhere")
	l.WantError("verify of nothing", l.Run("verify", "nowhere"), 1, "nowhere")

	sample := func(args ...string) string {
		return l.Must(append([]string{"sample", "run", "--length", "200", "--prime", "func "}, args...)...)
	}
	first := sample("--seed", "3")
	if again := sample("--seed", "3"); again != first {
		t.Errorf("twice the same seed:\n%q\n%q", first, again)
	}
	if sample("--seed", "4") == first {
		t.Error("another seed writes the same text")
	}
	if !strings.HasPrefix(first, "func ") || len(first) != len("func ")+200+1 {
		t.Errorf("200 bytes after the prime: %q", first)
	}
	if sample("--temperature", "0", "--seed", "3") != sample("--temperature", "0", "--seed", "4") {
		t.Error("at temperature 0 the seed matters")
	}
	l.WantError("a negative temperature", l.Run("sample", "run", "--temperature", "-1"), 2, "temperature")
	l.WantError("no threads", l.Run("eval", "run", "--data", "shards/valid", "--threads", "0"), 2, "--threads 0", "from 1 to 1024")
	l.WantError("a negative number of batches", l.Run("eval", "run", "--data", "shards/valid", "--batches", "-1"), 2, "--batches -1")
	l.WantError("a negative length", l.Run("sample", "run", "--length", "-1"), 2, "length")
}

// find returns the first group of a pattern that must be there.
func find(t *testing.T, text, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no %s in\n%s", pattern, text)
	}
	return m[1]
}

// TestShardText cuts files, directories and globs.
func TestShardText(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	for i := range 40 {
		l.Write(fmt.Sprintf("src/p%d/a.go", i), corpus(20+i))
		l.Write(fmt.Sprintf("src/p%d/b.txt", i), corpus(7))
	}
	l.Write("src/.hidden/c.go", "hidden")
	l.Write("src/raw.go", "\xff\xfe\x00")
	all := l.Must("shard", "text", "--out", "all", "--valid", "0.2", "src")
	if !strings.Contains(all, "80 files") {
		t.Errorf("a directory: %s", all)
	}
	find(t, all, `left out: (1 hidden, 1 not UTF-8 text) `)
	if out := l.Must("shard", "text", "--out", "go", "--valid", "0.2", "--include", "*.go", "src"); !strings.Contains(out, "40 files") {
		t.Errorf("--include: %s", out)
	}
	if out := l.Must("shard", "text", "--out", "glob", "src/p*/b.txt"); !strings.Contains(out, "40 files") {
		t.Errorf("a glob: %s", out)
	}
	if out := l.Must("shard", "text", "--out", "files", "--valid", "0", "src/p1/a.go", "src/p2/a.go"); !strings.Contains(out, "2 files") {
		t.Errorf("two files: %s", out)
	}
	if _, err := os.Stat(l.Path("files/valid")); err == nil {
		t.Error("--valid 0 makes a held-out set")
	}
	for _, dir := range []string{"all", "go", "glob", "files"} {
		if out := l.Must("verify", dir); !strings.HasSuffix(out, "whole\n") {
			t.Errorf("rondo verify %s: %s", dir, out)
		}
	}
	one, two := l.Must("verify", "all"), strings.ReplaceAll(l.Must("shard", "text", "--out", "again", "--valid", "0.2", "src"), "again/", "all/")
	if two != all {
		t.Errorf("the same text twice:\n%s%s", all, two)
	}
	if got := strings.ReplaceAll(l.Must("verify", "again"), "again/", "all/"); got != one {
		t.Errorf("the same text twice:\n%s%s", one, got)
	}
	l.WantError("sets that are there", l.Run("shard", "text", "--out", "all", "src"), 1, "all", "--overwrite")
	l.Must("shard", "text", "--out", "all", "--overwrite", "src")
	l.WantError("no such file", l.Run("shard", "text", "--out", "x", "none.txt"), 1, "none.txt")
	l.WantError("nothing matches", l.Run("shard", "text", "--out", "x", "src/*.md"), 1, "src/*.md")
	l.WantError("all is held out", l.Run("shard", "text", "--out", "x", "--valid", "1.5", "src"), 1, "1.5")

	l.damage("go/train/train-00000.shard", func(b []byte) []byte { b[100] ^= 1; return b })
	l.WantError("a damaged set", l.Run("verify", "go"), 1, "go/train/train-00000.shard", "block 0", "CRC-32C")
}

// TestPrintConfig trains from what --print-config prints: the same digest.
func TestPrintConfig(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	want := l.finishedRun()
	printed := l.Must("train", "run.yaml", "--set", "checkpoint.dir=printed", "--print-config")
	l.Write("printed.yaml", printed)
	if again := l.Must("train", "printed.yaml", "--print-config"); again != printed {
		t.Errorf("printed twice:\n%s\n%s", printed, again)
	}
	l.Must("train", "printed.yaml", "--status-addr", "127.0.0.1:0")
	if got := l.Digest("printed"); got != want {
		t.Errorf("trained from the printed file: digest %s, from the file itself %s", got, want)
	}
}

// TestAbout runs the commands that need nothing.
func TestAbout(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	for _, c := range []struct {
		args  []string
		wants []string
	}{
		{[]string{"version"}, []string{"rondo " + api.Version(), fmt.Sprintf("protocol %d, bits %d", api.Protocol, api.Bits), "kernels "}},
		{[]string{"models"}, []string{"charlm", "multiply-adds"}},
		{[]string{"models", "charlm"}, []string{"charlm", "model.cell", "mlstm"}},
		{[]string{"--help"}, []string{"train", "coordinator", "worker", "shard", "sample", "eval", "digest", "verify", "status", "models", "bench", "version"}},
		{[]string{"train", "--help"}, []string{"--workers", "--resume", "--set", "--passes", "Ctrl-C"}},
		{[]string{"completion", "bash"}, []string{"__start_rondo"}},
		{[]string{"completion", "zsh"}, []string{"#compdef rondo"}},
		{[]string{"__complete", "tr"}, []string{"train\t"}},
	} {
		out := l.Must(c.args...)
		for _, want := range c.wants {
			if !strings.Contains(out, want) {
				t.Errorf("rondo %s does not say %q:\n%s", strings.Join(c.args, " "), want, out)
			}
		}
	}
}
