package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A checkpoint says how the reviews that were learnt were cleaned; where it is one of an earlier release and the training set is gone, it is said
// what was taken for true.
func TestLearntCleaning(t *testing.T) {
	const note = "the training set of step 7 is not there"
	texts, review := sentences(t, "a.csv", 20), filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(review, []byte("caf\u00e9 <br> x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		data  string
		words []string
		ascii bool
		noted bool
	}{
		{data: `{"reviews":"ascii","valid":0.05}`, ascii: true},
		{data: `{"reviews":"ascii"}`, words: []string{"--ascii=false"}},
		{data: `{"reviews":"paper"}`},
		{data: `{"separator":"\n","split":"bytes","valid":0}`},
		{noted: true},
		{words: []string{"--ascii"}, ascii: true},
		{words: []string{"--ascii=false"}},
		{words: []string{"--raw"}},
	} {
		run := newModelOf(t, json.RawMessage(c.data), "model.kind=charlm", "model.hidden=6", "model.embed=4", "batch.length=8")
		status, out := probes(t, append([]string{run, "--data", texts, "--labels", "11", "--draws", "1", "--resamples", "0"}, c.words...)...)
		if status != 0 || strings.Contains(out, "cleaned to ASCII") != c.ascii || strings.Contains(out, note) != c.noted {
			t.Errorf("%s %v: %s", c.data, c.words, out)
		}
		if c.words != nil {
			continue
		}
		status, out = looks(t, "text", run, review, "--cell", "1", "--review")
		if status != 0 || strings.Contains(out, `2 "c"`) != true || strings.Contains(out, "\n     5 \"e\"") != c.ascii || strings.Contains(out, note) != c.noted {
			t.Errorf("look, %s: %s", c.data, out)
		}
	}
}
