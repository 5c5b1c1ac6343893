package cmd

import (
	"bytes"
	"strings"
	"sync"
)

// How much of a log is kept and shown.
const (
	tailBytes = 8 << 10
	tailLines = 20
)

// tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex
	end []byte
	cut bool // something was dropped in front
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end = append(t.end, p...)
	if n := len(t.end); n > 2*tailBytes { // seldom, so that writing is cheap
		t.end = append(t.end[:0], t.end[n-tailBytes:]...)
		t.cut = true
	}
	return len(p), nil
}

// text is the last whole lines, at most tailLines of them.
func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	end := t.end
	if t.cut { // begins in the midst of a line
		if _, rest, ok := bytes.Cut(end, []byte("\n")); ok {
			end = rest
		}
	}
	lines := strings.Split(strings.TrimRight(string(end), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}

// unsaid is what is left of a log's end without the lines of daily life and
// without what the reason has said already.
func unsaid(words, reason string) string {
	var left []string
	for line := range strings.SplitSeq(words, "\n") {
		daily := strings.Contains(line, "level=INFO") || strings.Contains(line, "level=DEBUG")
		if text := strings.TrimPrefix(line, "rondo: "); daily || strings.Contains(reason, text) {
			continue
		}
		left = append(left, line)
	}
	return strings.Join(left, "\n")
}
