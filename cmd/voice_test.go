package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestJSONErrors wants the line that ends a command to be JSON under --log-json, wherever the command fails.
func TestJSONErrors(t *testing.T) {
	for _, c := range []struct {
		words string
		json  bool
		want  string
	}{
		{"train none.yaml --log-json", true, "none.yaml"},
		{"train none.yaml --log-json=true", true, "none.yaml"},
		{"train none.yaml --log-json=false", false, "none.yaml"},
		{"train none.yaml", false, "none.yaml"},
		{"worker --no-such-flag --log-json", true, "--no-such-flag"},
		{"coordinator none.yaml --log-json", true, "none.yaml"},
		{"digest none", false, "none"},
	} {
		var out, errs strings.Builder
		if code := Execute(t.Context(), strings.Fields(c.words), &out, &errs); code == 0 {
			t.Errorf("rondo %s: exit status 0", c.words)
		}
		var line struct{ Time, Level, Msg string }
		err := json.Unmarshal([]byte(errs.String()), &line)
		switch {
		case !c.json && (!strings.HasPrefix(errs.String(), "rondo: ") || !strings.Contains(errs.String(), c.want)):
			t.Errorf("rondo %s says %q", c.words, errs.String())
		case c.json && (err != nil || line.Level != "ERROR" || line.Time == "" || !strings.Contains(line.Msg, c.want)):
			t.Errorf("rondo %s says %q (%v)", c.words, errs.String(), err)
		}
	}
}

func TestVoiceTail(t *testing.T) {
	var text, lines strings.Builder
	voice{w: &text}.tail("the end of x.log", "one\ntwo")
	if want := "the end of x.log:\n    one\n    two\n"; text.String() != want {
		t.Errorf("%q, want %q", text.String(), want)
	}
	voice{&lines, true}.tail("the end of x.log", "one\ntwo")
	if !strings.Contains(lines.String(), `"msg":"the end of x.log","lines":["one","two"]`) {
		t.Errorf("%q", lines.String())
	}
}

// Names from other people's files do not reach a terminal as they are.
func TestForeignNames(t *testing.T) {
	dir := t.TempDir()
	table := filepath.Join(dir, "a.csv")
	if err := os.WriteFile(table, []byte("\x1b[2Jtext,label\nwords,\x1b[31mred\nmore,blue\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ columns, want string }{{"--text text --class label", `only \x1b[2Jtext, label`}, {"--text 1 --class 2", `\x1b[31mred`}} {
		var said strings.Builder
		words := append(strings.Fields("shard csv --valid 0 "+c.columns), "--out", filepath.Join(dir, "out"), table)
		Execute(t.Context(), words, &said, &said)
		if !strings.Contains(said.String(), c.want) || strings.Contains(said.String(), "\x1b") {
			t.Errorf("%s: says %q, want %q", c.columns, said.String(), c.want)
		}
	}
}
