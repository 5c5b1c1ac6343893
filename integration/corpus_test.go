package integration

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
)

// full runs the long forms: go test ./integration -args -full.
var full = flag.Bool("full", false, "run every case")

// corpus is text that a small model learns something of.
func corpus(lines int) string {
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "func line%d(x int) int { return x*%d + %d }\n", i, i%7, i*i%31)
	}
	return b.String()
}

// runFile is a small run in its lab: 8 lanes, two layers, dropout.
const runFile = `name: small
seed: 7
model: {kind: charlm, cell: lstm, hidden: 32, layers: 2, embed: 16, dropout: 0.1}
data: {train: shards/train, valid: shards/valid}
batch: {global: 16, lanes: 8, length: 16}
optimizer: {kind: adam, lr: 5e-3, clip: 1}
schedule: {kind: linear, warmup: 5}
steps: 40
eval: {every: 20}
checkpoint: {dir: run, every: 10, keep: 3}
`

// smallRun prepares a lab with shards and run.yaml.
func smallRun(l *Lab) {
	l.t.Helper()
	l.Write("text.txt", corpus(2500))
	l.Must("shard", "text", "--out", "shards", "--valid", "0.1", "text.txt")
	l.Write("run.yaml", runFile)
}

// train runs rondo train to its end in a checkpoint directory of its own.
func (l *Lab) train(dir string, more ...string) Result {
	l.t.Helper()
	return l.Run(trainArgs(dir, more...)...)
}

// calmDigests are those of undisturbed runs, by run file and settings: several tests disturb the same one.
var calmDigests sync.Map

// calm is the digest of the small run, with these settings, when nothing disturbs it.
func (l *Lab) calm(sets ...string) string {
	l.t.Helper()
	text, err := os.ReadFile(l.Path("run.yaml"))
	if err != nil {
		l.t.Fatal(err)
	}
	key := string(text) + strings.Join(sets, "\n")
	if digest, ok := calmDigests.Load(key); ok {
		return digest.(string)
	}
	if r := l.train("calm", setFlags(sets)...); r.Code != 0 {
		l.t.Fatalf("exit status %d\n%s", r.Code, r.Stderr)
	}
	digest := l.Digest("calm")
	calmDigests.Store(key, digest)
	return digest
}

func trainArgs(dir string, more ...string) []string {
	return append([]string{"train", "run.yaml", "--status-addr", "127.0.0.1:0", "--set", "checkpoint.dir=" + dir}, more...)
}
