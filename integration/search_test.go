package integration

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

const searchRun = `name: cells
model: {kind: cells, image: 8, width: 2}
data: {train: 'generated:train?count=40', valid: 'generated:valid?count=20'}
batch: {global: 10, lanes: 2}
steps: 3
`

// TestSearch searches, is killed and goes on, with other workers and to more children: the journal has the bits of a search
// that was left alone. What it found is a run file that trains to the digest in the journal. Measured times are taken from the
// journal of another search.
func TestSearch(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	l.Write("run.yaml", searchRun)
	argv := func(out string, more ...string) []string {
		return append([]string{"search", "run.yaml", "--nodes", "1", "--operations", "conv1x1,identity,max3x3", "--out", out}, more...)
	}
	read := func(path string) []byte {
		t.Helper()
		text, err := os.ReadFile(l.Path(path))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	text := l.Must(argv("calm", "--children", "4")...)
	for _, want := range []string{"policy, 4 children", "multiply-adds", "normal", "digest"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	p := l.Start(argv("hurt", "--children", "3")...)
	p.WaitOutput("child 2 of 3")
	p.Signal(os.Kill)
	p.Wait()
	l.Must(argv("hurt", "--children", "3", "--workers", "2")...)
	l.Must(argv("hurt", "--children", "4")...)
	if calm, hurt := read("calm/journal.jsonl"), read("hurt/journal.jsonl"); !bytes.Equal(calm, hurt) || bytes.Count(calm, []byte("\n")) != 4 {
		t.Errorf("the journal is\n%s\nwithout a kill it is\n%s", hurt, calm)
	}
	var results struct {
		Best []struct {
			Normal, Reduce, Digest string
			Reward                 float64
		}
	}
	if err := json.Unmarshal(read("hurt/results.json"), &results); err != nil || len(results.Best) < 2 || results.Best[0].Reward < results.Best[1].Reward {
		t.Fatalf("%v: %+v", err, results)
	}
	l.Must("train", "hurt/best.yaml", "--status-addr", "", "--set", "checkpoint.dir=again")
	if digest := strings.TrimSpace(l.Must("digest", "again")); digest != results.Best[0].Digest {
		t.Errorf("best.yaml trains to %s, the child to %s", digest, results.Best[0].Digest)
	}
	for _, name := range []string{"search.svg", "cells.svg"} {
		if !bytes.Contains(read("hurt/"+name), []byte("</svg>")) {
			t.Errorf("%s is no picture", name)
		}
	}
	l.WantError("another search", l.Run(argv("calm", "--controller", "random")...), 2, "calm", "it has --controller policy")
	l.Must(argv("timed", "--children", "2", "--cost", "time")...)
	l.Must(argv("retimed", "--children", "2", "--cost", "time", "--times", "timed")...)
	if timed := read("timed/journal.jsonl"); !bytes.Contains(timed, []byte(`"seconds":`)) || !bytes.Equal(timed, read("retimed/journal.jsonl")) {
		t.Errorf("with the same times the journal is\n%s\nand was\n%s", read("retimed/journal.jsonl"), timed)
	}
}
