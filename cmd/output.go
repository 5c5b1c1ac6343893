package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"syscall"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// output is the standard output or standard error of one command line. Writing to it never fails, so commands print as
// they like; the first error is kept, and Execute reports it at the end. On a terminal it shows control characters
// instead of sending them, for names of files, texts of models and messages of other hosts may hold any.
type output struct {
	w    io.Writer
	file *os.File // w, when that is a terminal

	mu    sync.Mutex
	err   error // of the first write that failed
	aside bool  // what is printed is not the command's work
}

func newOutput(w io.Writer) *output {
	o := &output{w: w}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		o.file = f
	}
	return o
}

func (o *output) Write(text []byte) (int, error) {
	shown := text
	if o.file != nil {
		shown = visible(text)
	}
	if _, err := o.w.Write(shown); err != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.err == nil {
			o.err = err
		}
	}
	return len(text), nil
}

// failure is why the command failed that could not print its result, or nil. A pipe that nobody reads any more is a
// failure without a message: whoever closed it knows.
func (o *output) failure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.err == nil || o.aside:
		return nil
	case errors.Is(o.err, syscall.EPIPE):
		return &exitError{exitFailed, nil}
	}
	reason := o.err
	if path, ok := errors.AsType[*os.PathError](reason); ok {
		reason = path.Err
	}
	return fmt.Errorf("standard output: %w", reason)
}

// outputAside declares that a command's work is not what it prints: a run goes on when nobody can read how it gets on.
func outputAside(c *cobra.Command) {
	if o, ok := c.OutOrStdout().(*output); ok {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.aside = true
	}
}

// terminalOf is the terminal that w writes to, or nil. What is drawn on it goes to the file itself.
func terminalOf(w io.Writer) *os.File {
	if o, ok := w.(*output); ok {
		return o.file
	}
	return nil
}

// visible replaces control characters but newline and tab, and bytes that are no UTF-8, by escapes as in Go: \x1b.
func visible(text []byte) []byte {
	var shown bytes.Buffer
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && size == 1, r < utf8.RuneSelf && r != '\n' && r != '\t' && !unicode.IsGraphic(r):
			fmt.Fprintf(&shown, `\x%02x`, text[0])
		case r >= utf8.RuneSelf && !unicode.IsGraphic(r):
			quoted := strconv.QuoteRuneToASCII(r)
			shown.WriteString(quoted[1 : len(quoted)-1])
		default:
			shown.Write(text[:size])
		}
		text = text[size:]
	}
	return shown.Bytes()
}
