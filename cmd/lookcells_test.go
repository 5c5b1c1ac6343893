package cmd

import (
	"os"
	"path/filepath"
	"testing"
)

func TestLookCells(t *testing.T) {
	dir := newModel(t, nil, "model.kind=charlm", "model.hidden=8", "model.embed=4", "batch.global=4", "batch.lanes=1")
	file := filepath.Join(t.TempDir(), "some.txt")
	if err := os.WriteFile(file, []byte("a \"b c\" (\x1b[31m)\nd \"e\" é"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		words []string
		want  []string
	}{
		{[]string{"cells", "--target", "quotes"}, []string{`rnn.c_l0 and "quotes":`, ", F1 "}},
		{[]string{"cells", "--target", "line", "--state", "rnn.h_l0", "--top", "3"}, []string{`rnn.h_l0 and "line":`, "correlation"}},
		{[]string{"cells", "--target", "[b-e]", "--json", "--top", "1"}, []string{`"correlation": `, `"f1": `}},
		{[]string{"moves", "--cell", "3", "--top", "40"}, []string{"rnn.c_l0, cell 3:", `"a \"b c\" (>\x1b<[31m)`, `\"e\" >é<"`}},
		{[]string{"moves", "--cell", "3", "--json"}, []string{`"from": `}},
	} {
		status, out := looks(t, append([]string{c.words[0], dir, file}, c.words[1:]...)...)
		if status != 0 {
			t.Errorf("%v: %s", c.words, out)
		}
		wantText(t, out, c.want...)
	}
	for want, words := range map[string][]string{
		"missing closing )":      {"cells", "--target", "("},
		"is the same at all":     {"cells", "--target", "zzz"},
		"no state \"x\"":         {"cells", "--target", "line", "--state", "x"},
		"cell 8: rnn.c_l0 has 8": {"moves", "--cell", "8"},
		"--top 0: at least 1":    {"moves", "--cell", "1", "--top", "0"},
		"required flag":          {"cells"},
	} {
		status, out := looks(t, append([]string{words[0], dir, file}, words[1:]...)...)
		if status == 0 {
			t.Errorf("%v is taken", words)
		}
		wantText(t, out, want)
	}
}
