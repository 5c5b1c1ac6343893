package cmd

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"

	"github.com/rondo-ml/rondo/cmd/program"
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
		if text, daily := logged(line); daily || strings.Contains(reason, text) {
			continue
		}
		left = append(left, line)
	}
	return strings.Join(left, "\n")
}

// logged is the message of a line that a worker wrote, and whether such lines are written when all is well.
func logged(line string) (text string, daily bool) {
	var record struct{ Level, Msg string }
	if json.Unmarshal([]byte(line), &record) == nil && record.Msg != "" {
		return record.Msg, record.Level == "INFO" || record.Level == "DEBUG"
	}
	return strings.TrimPrefix(line, program.Name()+": "), strings.Contains(line, "level=INFO") || strings.Contains(line, "level=DEBUG")
}
