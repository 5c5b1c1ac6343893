package search

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Child is a line of the journal: what was drawn, and what came of it.
type Child struct {
	Number int `json:"child"` // from 1 on
	Cells
	As           int     `json:"as,omitempty"`       // child of the same cells that was trained; 0: this one was
	Diverged     bool    `json:"diverged,omitempty"` // training came to what is no number; its accuracy counts as 0
	Accuracy     float64 `json:"accuracy"`           // of the held-out set, at the end
	Parameters   int     `json:"parameters"`
	MultiplyAdds int     `json:"multiply_adds"`     // of one picture
	Seconds      float64 `json:"seconds,omitempty"` // of one picture at inference, where that is the cost
	Reward       float64 `json:"reward"`
	Digest       string  `json:"digest,omitempty"` // of the run
}

// cost is what the reward counts.
func (c *Child) cost() float64 {
	if c.Seconds > 0 {
		return c.Seconds
	}
	return float64(c.MultiplyAdds)
}

// line is the child as the journal has it.
func (c *Child) line() []byte {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // all numbers are finite: they are checked before
	}
	return append(text, '\n')
}

// Journal is the file to which children are added.
type Journal struct{ file *os.File }

const journalName = "journal.jsonl"

// OpenJournal opens the journal of a directory and returns the children that are in it. A last line that was not
// written whole is cut off: its child comes to the same again. The journal is locked until it is closed, or the process
// ends.
func OpenJournal(dir string) (*Journal, []Child, error) {
	path := filepath.Join(dir, journalName)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, nil, fmt.Errorf("--out: %w", err)
	}
	j := &Journal{file}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); errors.Is(err, unix.EWOULDBLOCK) {
		j.Close()
		return nil, nil, fmt.Errorf("another search is under way in %s; wait for its end, or give another --out", dir)
	}
	children, whole, err := readJournal(path)
	if err == nil {
		err = file.Truncate(whole)
	}
	if err == nil {
		_, err = file.Seek(whole, 0)
	}
	if err != nil {
		j.Close()
		return nil, nil, err
	}
	return j, children, nil
}

// ReadJournal returns the children in the journal of a directory.
func ReadJournal(dir string) ([]Child, error) {
	children, _, err := readJournal(filepath.Join(dir, journalName))
	return children, err
}

// readJournal also returns the length of what was written whole.
func readJournal(path string) (children []Child, whole int64, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, 0, err
	}
	return parseJournal(path, text)
}

func parseJournal(path string, text []byte) (children []Child, whole int64, err error) {
	for len(text) > 0 {
		line, rest, complete := bytes.Cut(text, []byte("\n"))
		if !complete {
			break
		}
		var c Child
		if err := json.Unmarshal(line, &c); err != nil {
			return nil, 0, fmt.Errorf("%s:%d: %w; restore the file, or remove the directory to search anew", path, len(children)+1, err)
		}
		children, text, whole = append(children, c), rest, whole+int64(len(line))+1
	}
	return children, whole, nil
}

// Add writes a child, and returns when the disk has it.
func (j *Journal) Add(c Child) error {
	if _, err := j.file.Write(c.line()); err != nil {
		return err
	}
	return j.file.Sync()
}

// Close closes the journal.
func (j *Journal) Close() error { return j.file.Close() }
