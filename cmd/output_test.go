package cmd

import (
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
)

// fullWriter is a device without room.
type fullWriter struct{}

func (fullWriter) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
}

// TestFullOutput has commands print on a full device: exit status 1 and one line.
func TestFullOutput(t *testing.T) {
	for _, words := range []string{"version", "--version", "models", "help", "help train", "train --help", "shard", "completion bash", "__complete tr"} {
		var errs strings.Builder
		code := Execute(t.Context(), strings.Fields(words), fullWriter{}, &errs)
		if code != exitFailed || !strings.HasSuffix(errs.String(), "rondo: standard output: no space left on device\n") {
			t.Errorf("rondo %s: exit status %d, %q", words, code, errs.String())
		}
		if lines := strings.Count(errs.String(), "\n"); lines != 1 && !strings.HasPrefix(words, "__") { // __complete says more, for debugging
			t.Errorf("rondo %s says %d lines:\n%s", words, lines, errs.String())
		}
	}
}

// TestBrokenPipe prints into a pipe that nobody reads: the command fails and says nothing.
func TestBrokenPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r.Close()
	var errs strings.Builder
	if code := Execute(t.Context(), []string{"models"}, w, &errs); code != exitFailed || errs.Len() > 0 {
		t.Errorf("exit status %d, %q", code, errs.String())
	}
}

func TestVisible(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"plain\n\ttext, naïve 日本語\u00a0🙂\n", "plain\n\ttext, naïve 日本語\u00a0🙂\n"},
		{"\x1b[2J\x0e\x00\r\x7f", `\x1b[2J\x0e\x00\x0d\x7f`},
		{"cut \xe6\x97", `cut \xe6\x97`},
		{"\x9b31m \u009b31m", `\x9b31m \u009b31m`},         // a control sequence without ESC, as a byte and in UTF-8
		{"file\u202etxt.exe", `file\u202etxt.exe`},         // from right to left
		{"\U000e0041", `\U000e0041`},                       // a tag
		{"\ufffd is a character", "\ufffd is a character"}, // and no broken byte
	} {
		if got := string(visible([]byte(c.text))); got != c.want {
			t.Errorf("%q is shown as %q, want %q", c.text, got, c.want)
		}
	}
}

// TestTerminal prints on a terminal and into a pipe.
func TestTerminal(t *testing.T) {
	for _, c := range []struct {
		file *os.File
		want string
	}{{os.Stdout, `a\x1b[31mb`}, {nil, "a\x1b[31mb"}} {
		var text strings.Builder
		o := &output{w: &text, file: c.file}
		if n, err := io.WriteString(o, "a\x1b[31mb"); n != 7 || err != nil || text.String() != c.want {
			t.Errorf("%d, %v, printed %q, want %q", n, err, text.String(), c.want)
		}
	}
}
