package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/nn/safetensors"
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
		{[]string{"--cell", "3", "--ansi"}, []string{"m\u00e9\x1b"}},
		{[]string{"--cell", "3", "--flip"}, []string{"rnn.c_l0, cell 3", `0 "a"`}},
		{[]string{"--range", "2:5", "--top", "3"}, []string{`in "<b>"`, "deviations apart", "is so in"}},
		{[]string{"--cell", "3", "--review"}, []string{`0 "\n"`, `1 " "`, `2 "a"`, `13 " "`, `22 " "`}},
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
	wantText(t, string(b), "\n19: ", "\">\u00e9</span>")
	if status, out := looks(t, "moves", dir, file, "--cell", "1", "--top", "99"); status != 0 || strings.Count(out, ">\u00e9<") != 2 || strings.Contains(out, "\ufffd") {
		t.Errorf("moves: %s", out)
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
		"--cell -5: cells":  {"--cell", "-5"},
		"--at -3: char":     {"--at", "-3"},
		"as .html":          {"--cell", "1", "--out", "x.png"},
	} {
		status, out := looks(t, append([]string{"text", dir, file}, words...)...)
		if status == 0 {
			t.Errorf("%v is taken", words)
		}
		wantText(t, out, want)
	}
}

// What the text or the network does not have is said before a byte is read: this network cannot read the last one.
func TestLookChecksFirst(t *testing.T) {
	dir := newModel(t, nil, "model.kind=charlm", "model.hidden=8", "model.embed=4", "model.vocab=128", "batch.global=4", "batch.lanes=1")
	file := filepath.Join(t.TempDir(), "some.txt")
	if err := os.WriteFile(file, []byte("plain \xff"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, words := range map[string][]string{
		"--cell 9: rnn.c_l0 has 8": {"text", "--cell", "9"},
		"--state: the network has": {"text", "--cell", "1", "--state", "x"},
		"--range: range 3:8: a pa": {"text", "--range", "3:8"},
		"--at 7: the text has 7":   {"text", "--at", "7"},
		"--target: error parsing":  {"cells", "--target", "("},
		"--state: the network ha":  {"cells", "--target", "a", "--state", "x"},
		"--cell 8: rnn.c_l0 has 8": {"moves", "--cell", "8"},
		"--cell -5: cells count":   {"moves", "--cell", "-5"},
	} {
		status, out := looks(t, append([]string{words[0], dir, file}, words[1:]...)...)
		if status != 2 {
			t.Errorf("%v: exit status %d", words, status)
		}
		wantText(t, out, want)
	}
	status, out := looks(t, "text", dir, file, "--cell", "1")
	if status != 1 {
		t.Errorf("exit status %d", status)
	}
	wantText(t, out, "byte 6 of the text is 255, and the network has 128 symbols")
	if err := os.WriteFile(file, make([]byte, mostRead+1), 0o600); err != nil {
		t.Fatal(err)
	}
	status, out = looks(t, "moves", dir, file, "--cell", "1")
	if status != 1 {
		t.Errorf("exit status %d", status)
	}
	wantText(t, out, "some.txt: more than 1048576 bytes; give a part of it")
}

// A unit of a probe is the same cell to the commands that look at it, of several layers too, and with --review it holds what the
// probe measured.
func TestUnitOfProbe(t *testing.T) {
	run := newModel(t, nil, "model.kind=charlm", "model.cell=mlstm", "model.layers=2", "model.hidden=6", "model.embed=4", "batch.length=8")
	kept, file := filepath.Join(t.TempDir(), "kept.safetensors"), filepath.Join(t.TempDir(), "review.txt")
	if status, out := probes(t, run, "--data", sentences(t, "train.csv", 20), "--labels", "11", "--draws", "1", "--resamples", "0", "--features", kept); status != 0 {
		t.Fatal(out)
	}
	f, err := safetensors.Open(kept)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	features := make([]float32, 20*6)
	if err := f.ReadFloat32("train.features", features); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(" number 0\nis bad\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	state := f.Metadata()["state"]
	for unit, held := range features[:6] {
		cell := []string{run, file, "--review", "--cell", fmt.Sprint(unit)}
		status, out := looks(t, append([]string{"text", "--colors", "nv"}, cell...)...)
		if status != 0 || state != "rnn.c_l1" {
			t.Fatal(state, out)
		}
		wantText(t, out, fmt.Sprintf("%s, cell %d:", state, unit), fmt.Sprintf("%6d %-8q %6.3f\n", 17, " ", held))
		var moves []look.Move
		status, out = looks(t, append([]string{"moves", "--json", "--top", "99"}, cell...)...)
		if err := json.Unmarshal([]byte(out), &moves); status != 0 || err != nil || len(moves) != 18 {
			t.Fatal(err, out)
		}
		for _, m := range moves {
			if m.At == 17 && float32(m.To) != held {
				t.Errorf("unit %d: it moves to %v, the probe has %v", unit, m.To, held)
			}
		}
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
	if r, g, b := (&textFlags{colors: "nv", flip: true}).color()(1); (rgb{r, g, b}) != (rgb{255, 0, 0}) {
		t.Errorf("the other way round 1 is %v", rgb{r, g, b})
	}
	if len(cellColors) != len(colorNames) || cellColors["nv"].ramp()[:8] != "#ff0000," {
		t.Error(cellColors["nv"].ramp())
	}
}
