package integration

import (
	"fmt"
	"strings"
	"testing"
)

// taggingFile is a small run of a network that says something at each letter.
const taggingFile = `name: tagging
model: {kind: tagger, classes: 5, vocab: 128, embed: 4, hidden: 6, dropout: 0.2}
task: {kind: class}
data:
  train: words/train
  valid: words/valid
batch: {global: 12, lanes: 6, length: 8}
optimizer: {kind: adamw, lr: 0.02}
schedule: {kind: constant}
steps: 12
eval: {every: 6}
checkpoint: {every: 6, keep: 9}
`

// TestTagging cuts words with a class for each letter, and with transcripts, and learns either: from words of different
// lengths, with one digest.
func TestTagging(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	words := []string{"abba", "cab", "dad", "a", "badcab", "decade", "dabbed", "bead", "facade"}
	rows := func(n int) string {
		var b strings.Builder
		for i := range n {
			word := words[i%len(words)] + words[i/len(words)%len(words)][:1]
			tags := strings.Map(func(r rune) rune { return 'v' + (r*7-'a')%4 }, word)
			fmt.Fprintf(&b, "%s\t%s\n", word, tags)
		}
		return b.String()
	}
	l.Write("train.tsv", rows(80))
	l.Write("valid.tsv", rows(20))
	l.Must("shard", "csv", "--out", "words", "--text", "1", "--tags", "2", "--held-out", "valid.tsv", "train.tsv")
	l.Must("shard", "csv", "--out", "said", "--text", "1", "--transcript", "2", "--held-out", "valid.tsv", "train.tsv")
	l.Write("run.yaml", taggingFile)
	for _, c := range []struct{ name, measure string }{{"class", " % right"}, {"transcript", "symbol error rate"}} {
		sets := []string{}
		if c.name == "transcript" {
			sets = []string{"--set", "task.kind=transcript", "--set", "task.zero_infinity=true", "--set", "data.train=said/train", "--set", "data.valid=said/valid"}
		}
		want := ""
		for _, workers := range []string{"1", "3", "5"} {
			dir := c.name + workers
			r := l.train(dir, append(sets, "--workers", workers)...)
			if r.Code != 0 || !strings.Contains(r.Stdout, c.measure) {
				t.Fatalf("%s: exit status %d\n%s%s", dir, r.Code, r.Stdout, r.Stderr)
			}
			if got := l.Digest(dir); want != "" && got != want {
				t.Errorf("%s: digest %s, one worker has %s", dir, got, want)
			} else {
				want = got
			}
		}
	}
	l.WantError("unreachable", l.train("x", "--set", "task.kind=transcript", "--set", "data.train=said/train", "--set", "data.valid=said/valid", "--workers", "1"),
		1, "its transcript of", "task.zero_infinity")
}
