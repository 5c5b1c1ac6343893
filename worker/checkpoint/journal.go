package checkpoint

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/rondo-ml/rondo/data/objects"
)

// JournalName is the file in a checkpoint directory in which the run tells what happened at which step: a JSON object
// a line. It is for those who look back (replay, audit): a run goes on without it.
const JournalName = "journal.jsonl"

// maxJournal bounds the file that is read: a run of a million steps has some megabytes.
const maxJournal = 1 << 30

// JournalLine is one line: a view, a decision from outside that took effect, or a mark. A run that went back to an
// earlier step writes the lines of its steps again; those behind count.
type JournalLine struct {
	Step uint64 `json:"step"` // steps applied

	View       *JournalView `json:"view,omitempty"` // who computes the lanes from this step on
	LR         *float64     `json:"lr,omitempty"`   // learning rate from this step on; 0: the schedule's
	Stop       bool         `json:"stop,omitempty"`
	Checkpoint bool         `json:"checkpoint,omitempty"`
	Mark       string       `json:"mark,omitempty"` // of the weights, 16 hexadecimal digits
}

// JournalView is the membership of the ring.
type JournalView struct {
	Generation uint64          `json:"generation"`
	Lanes      int             `json:"lanes"`
	Workers    []JournalWorker `json:"workers"`
}

// JournalWorker is a worker and its lanes [First, End).
type JournalWorker struct {
	Name  string `json:"name"`
	First int    `json:"first"`
	End   int    `json:"end"`
}

// AppendJournal adds lines to the journal in a checkpoint directory. They are written at once, and not synced.
func AppendJournal(dir string, lines ...JournalLine) error {
	text, err := encodeLines(lines)
	if err != nil {
		return err
	}
	f, err := openToAppend(filepath.Join(dir, JournalName))
	if err != nil {
		return err
	}
	whole := text
	if end, err := f.Seek(-1, io.SeekEnd); err == nil { // a line that was not written whole ends here
		last := []byte{'\n'}
		if _, err := f.ReadAt(last, end); err == nil && last[0] != '\n' {
			whole = append([]byte{'\n'}, whole...)
		}
	}
	_, err = f.Write(whole)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// openToAppend opens a file that lines or frames are added to, or makes it. A pipe in its place would wait for ever.
func openToAppend(path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("checkpoint: %s is not a file", path)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	return f, nil
}

func encodeLines(lines []JournalLine) ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	for _, l := range lines {
		if err := e.Encode(l); err != nil {
			return nil, fmt.Errorf("checkpoint: %s: %w", JournalName, err)
		}
	}
	return text.Bytes(), nil
}

// ReadJournal reads the journal in a checkpoint directory; none has no lines. A line that was not written whole, as
// when the machine stopped, is passed over.
func ReadJournal(dir string) ([]JournalLine, error) {
	if objects.Named(dir) {
		return readRemoteJournal(dir)
	}
	path := filepath.Join(dir, JournalName)
	if info, err := os.Stat(path); errors.Is(err, iofs.ErrNotExist) {
		return nil, nil
	} else if err == nil && !info.Mode().IsRegular() { // opening a pipe would wait for ever
		return nil, fmt.Errorf("checkpoint: %s is not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	defer f.Close()
	lines, err := decodeJournal(io.LimitReader(f, maxJournal))
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", path, err)
	}
	return lines, nil
}

// marks are as they are written.
var marks = regexp.MustCompile(`^([0-9a-f]{16})?$`)

func decodeJournal(r io.Reader) (lines []JournalLine, err error) {
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var l JournalLine
		if json.Unmarshal(s.Bytes(), &l) == nil && l.Step <= maxStep && marks.MatchString(l.Mark) {
			lines = append(lines, l)
		}
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", len(lines)+1, err)
	}
	return lines, nil
}
