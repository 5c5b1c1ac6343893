package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLookText(t *testing.T) {
	dir := newModel(t, nil, "model.kind=charlm", "model.hidden=8", "model.embed=4", "batch.global=4", "batch.lanes=1")
	file := filepath.Join(t.TempDir(), "some.txt")
	if err := os.WriteFile(file, []byte("a <b> \x1b[31m\nc\t\"d\" é"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		words []string
		want  []string
	}{
		{[]string{"--cell", "3"}, []string{"rnn.c_l0, cell 3", `0 "a"`, `6 "\x1b"`}},
		{[]string{"--cell", "3", "--ansi"}, []string{"48;2;", "⏎"}},
		{[]string{"--range", "2:5", "--colors", "nv", "--ansi"}, []string{"is so in", ";0m"}},
		{[]string{"--range", "2:5", "--top", "3"}, []string{`in "<b>"`, "deviations apart", "is so in"}},
		{[]string{"--at", "12", "--state", "rnn.h_l0", "--cell", "0"}, []string{"behind", "what matters for", "rnn.h_l0, cell 0"}},
	} {
		status, out := looks(t, append([]string{"text", dir, file}, c.words...)...)
		if status != 0 {
			t.Errorf("%v: %s", c.words, out)
		}
		wantText(t, out, c.want...)
		if strings.Contains(out, "\x1b[31m") {
			t.Errorf("%v: an escape of the text is printed", c.words)
		}
	}
	page := filepath.Join(t.TempDir(), "out.html")
	if status, out := looks(t, "text", dir, file, "--cell", "1", "--out", page); status != 0 {
		t.Fatal(out)
	}
	b, err := os.ReadFile(page)
	if err != nil || !strings.Contains(string(b), "&lt;</span>") || strings.Contains(string(b), "\x1b") || strings.Contains(string(b), "<b>") {
		t.Errorf("the page, error %v:\n%s", err, b)
	}
	for want, words := range map[string][]string{
		"needs --cell N":    nil,
		"cell 8":            {"--cell", "8"},
		"tanh, nv, gp":      {"--cell", "1", "--colors", "rainbow"},
		"its states are":    {"--cell", "1", "--state", "x"},
		"FROM:TO is wanted": {"--range", "3"},
		"range 0:99":        {"--range", "0:99"},
		"--at 99":           {"--at", "99"},
		"one coloring":      {"--cell", "1", "--at", "3", "--out", "x.html"},
		"as .html":          {"--cell", "1", "--out", "x.png"},
	} {
		status, out := looks(t, append([]string{"text", dir, file}, words...)...)
		if status == 0 {
			t.Errorf("%v is taken", words)
		}
		wantText(t, out, want)
	}
}

// The colors are those of the page, which has them by the formulas of their works.
func TestCellColors(t *testing.T) {
	type rgb [3]uint8
	for _, c := range []struct {
		name string
		v    float32
		want rgb
	}{
		{"tanh", 0, rgb{255, 255, 255}}, {"tanh", -1, rgb{214, 48, 39}}, {"tanh", 1, rgb{49, 98, 201}},
		{"nv", 0, rgb{255, 255, 0}}, {"nv", -2, rgb{255, 0, 0}}, {"nv", 1, rgb{0, 160, 0}},
		{"gp", 0, rgb{89, 255, 89}}, {"gp", -9, rgb{255, 166, 0}}, {"gp", 9, rgb{0, 66, 255}},
	} {
		r, g, b := cellColors[c.name](c.v)
		if (rgb{r, g, b}) != c.want {
			t.Errorf("%s of %v: %v, want %v", c.name, c.v, rgb{r, g, b}, c.want)
		}
	}
	if len(cellColors) != len(colorNames) || cellColors["nv"].ramp()[:8] != "#ff0000," {
		t.Error(cellColors["nv"].ramp())
	}
}
