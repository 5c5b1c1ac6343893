package integration

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const sentencesRun = `name: sentences
model: {kind: charlm, cell: mlstm, hidden: 24, embed: 8}
data: {train: shards/train}
batch: {global: 8, lanes: 2, length: 48}
optimizer: {kind: adam, lr: 5e-3, clip: 1}
steps: 40
checkpoint: {dir: run, every: 20}
`

// TestProbe goes the way from sentences to the unit that leads, with one worker and with two: reports are the same. So
// small a network knows nothing of sentiment; the words of the sentences do, by the same fit.
func TestProbe(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	for _, name := range []string{"train.tsv.bz2", "test.tsv.bz2"} {
		text, err := os.ReadFile(filepath.Join("testdata", "sentences", name))
		if err != nil {
			t.Fatal(err)
		}
		l.Write(name, string(text))
	}
	l.Must("shard", "reviews", "--out", "shards", "--text", "1", "--valid", "0", "train.tsv.bz2")
	l.Write("run.yaml", sentencesRun)
	type report struct {
		Run, State string
		Step       uint64
		Texts      []struct{ Texts, Positive int }
		Columns    int
		Path       []struct{ C, Train float64 }
		Labels     []struct{ Mean float64 }
		ByRule     struct{ Rule struct{ Accuracy float64 } } `json:"by_rule"`
		Baseline   struct {
			Accuracy struct{ Test float64 }
			Nonzero  int
		}
		Steps []struct{ Step uint64 }
	}
	var r report
	reports := map[string]string{}
	steps := map[string]string{"one": "all", "two": "20,40,20"}
	for dir, workers := range map[string]string{"one": "1", "two": "2"} {
		if got := l.train(dir, "--workers", workers); got.Code != 0 {
			t.Fatalf("exit status %d\n%s", got.Code, got.Stderr)
		}
		reports[dir] = l.Must("probe", dir, "--data", "train.tsv.bz2", "--test", "test.tsv.bz2", "--baseline", "--steps", steps[dir],
			"--labels", "100", "--draws", "2", "--resamples", "2", "--json")
	}
	if reports["one"] != reports["two"] {
		t.Errorf("of one worker:\n%s\nof two:\n%s", reports["one"], reports["two"])
	}
	if err := json.Unmarshal([]byte(reports["one"]), &r); err != nil {
		t.Fatal(err)
	}
	if r.Run != "sentences" || r.State != "rnn.c_l0" || r.Step != 40 || r.Columns != 24 || len(r.Path) != 9 || len(r.Labels) != 1 {
		t.Errorf("the report: %+v", r)
	}
	if n := r.Texts; len(n) != 3 || n[0].Texts != 2001 || n[0].Positive != 1012 || n[1].Texts != 0 || n[2].Texts != 999 {
		t.Errorf("the texts: %+v", n)
	}
	if a := r.ByRule.Rule.Accuracy; a < 0.5 || a > 0.65 {
		t.Errorf("the best unit of a network that has seen next to nothing is right about %v", a)
	}
	if b := r.Baseline; b.Accuracy.Test < 0.79 || b.Accuracy.Test > 0.82 || b.Nonzero < 300 || b.Nonzero > 430 {
		t.Errorf("the words: %+v", b)
	}
	if len(r.Steps) != 2 || r.Steps[0].Step != 20 || r.Steps[1].Step != 40 {
		t.Errorf("through training: %+v", r.Steps)
	}
}

// TestProbeCleaned: texts are cleaned as the reviews that the run has learnt were. A network of 128 symbols cannot read others.
func TestProbeCleaned(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	var texts strings.Builder
	for i := range 40 {
		fmt.Fprintf(&texts, "caf\u00e9 %d<br>is %s\t%d\n", i*i, []string{"bad", "good"}[i%2], i%2)
	}
	l.Write("train.tsv", texts.String())
	l.Must("shard", "reviews", "--ascii", "--out", "shards", "--text", "1", "--valid", "0", "train.tsv")
	l.Write("run.yaml", sentencesRun)
	if got := l.train("run", "--set", "model.vocab=128", "--set", "steps=2", "--set", "batch.length=8"); got.Code != 0 {
		t.Fatalf("exit status %d\n%s", got.Code, got.Stderr)
	}
	probe := func(more ...string) []string {
		return append([]string{"probe", "run", "--data", "train.tsv", "--labels", "11", "--draws", "1", "--resamples", "0"}, more...)
	}
	learnt := l.Must(probe()...)
	if !strings.Contains(learnt, "; cleaned to ASCII\n") {
		t.Errorf("it was not read as it was learnt:\n%s", learnt)
	}
	l.WantError("the paper's cleaning", l.Run(probe("--ascii=false")...), 1, "text 1: byte 5 is 195, and the network has 128 symbols")
	l.Write("review.txt", "caf\u00e9 0<br>is\nbad\n")
	look := []string{"look", "text", "run", "review.txt", "--review", "--cell", "1"}
	if said := l.Must(look...); !strings.Contains(said, `5 "e"`) || !strings.Contains(said, `15 " "`) || strings.Contains(said, `"<"`) {
		t.Errorf("it is looked at otherwise than it was learnt:\n%s", said)
	}
	if err := os.Rename(l.Path("shards"), l.Path("moved")); err != nil {
		t.Fatal(err)
	}
	if said := l.Must(look...); !strings.Contains(said, `5 "e"`) {
		t.Errorf("without the set it is looked at otherwise than it was learnt:\n%s", said)
	}
	for _, words := range [][]string{probe(), probe("--ascii")} {
		if said := l.Must(words...); said != learnt {
			t.Errorf("%q without the set:\n%s\nwith it\n%s", words, said, learnt)
		}
	}
}
