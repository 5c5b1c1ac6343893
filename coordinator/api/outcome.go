package api

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Outcome is what an evaluation shows beyond its figures (/api/outcome).
type Outcome struct {
	Step    uint64      `json:"step"`
	Classes *ClassTable `json:"classes,omitempty"` // of a task that tells classes apart
	Guesses []Guess     `json:"guesses,omitempty"` // the same samples at each evaluation
	// Calibration compares how sure the guesses of all samples are with how often they are right.
	Calibration *Calibration `json:"calibration,omitempty"`
	Texts       []Written    `json:"texts,omitempty"` // what a language model writes, by the same random numbers at each evaluation
}

// Outcomes is the answer of /api/outcome.
type Outcomes struct {
	Steps    []uint64        `json:"steps"`    // that it can be asked for
	Outcome  json.RawMessage `json:"outcome"`  // an Outcome; null: there is none
	Pictures bool            `json:"pictures"` // /api/pictures?samples= can be asked for those of the held-out set
}

// ClassTable says which class is taken for which.
type ClassTable struct {
	Of     int          `json:"of"`               // classes of the task
	List   []ClassCount `json:"list"`             // all of them, or where they are many those that are recalled worst
	Counts [][]int64    `json:"counts,omitempty"` // what is by what it was taken for, where List has all
	Pairs  []ClassPair  `json:"pairs,omitempty"`  // the most frequent first; those that are no mistakes behind the others
}

// ClassCount is what was counted of a class.
type ClassCount struct {
	Class int    `json:"class"`
	Name  string `json:"name,omitempty"`
	Is    int64  `json:"is"`
	Taken int64  `json:"taken"`
	Right int64  `json:"right"`
}

// ClassPair is a class that was taken for another, or for itself.
type ClassPair struct {
	Is      int      `json:"is"`
	Taken   int      `json:"taken"`
	Count   int64    `json:"count"`
	Samples []int    `json:"samples"` // of the held-out set, those with the largest loss first
	Losses  []Number `json:"losses"`  // theirs, in nats
}

// Calibration is of bins of equal width of the largest probability that a sample's classes have.
type Calibration struct {
	Error Number    `json:"error"` // expected calibration error (Guo et al. 2017)
	Bins  []SureBin `json:"bins"`
}

// SureBin is what was counted in a bin.
type SureBin struct {
	Count int64  `json:"count"`
	Right int64  `json:"right"`
	Sure  Number `json:"sure"` // mean probability; null of an empty bin
}

// Guess is what a sample of the held-out set was taken for.
type Guess struct {
	Sample int    `json:"sample"`
	Is     int    `json:"is"`
	Taken  int    `json:"taken"`
	Loss   Number `json:"loss"` // in nats
}

// Written is how a language model goes on with a text.
type Written struct {
	Prompt      string `json:"prompt"`
	Temperature Number `json:"temperature"`
	Text        string `json:"text"`
}

// Bounds on an outcome.
const (
	MaxOutcome   = 1 << 20 // bytes of its JSON
	MaxTable     = 100     // classes of List
	maxPairs     = 1 << 14
	MaxSeen      = 16 // samples of a pair, and guesses
	maxTexts     = 64
	maxSampleNum = 1 << 40
	maxSureBins  = 100
)

// DecodeOutcome reads an outcome as a worker tells it, or as it lies in a history. What it returns can be shown.
func DecodeOutcome(text []byte) (*Outcome, error) {
	if len(text) > MaxOutcome {
		return nil, fmt.Errorf("outcome: %d bytes, at most %d", len(text), MaxOutcome)
	}
	o := &Outcome{}
	if err := json.Unmarshal(text, o); err != nil {
		return nil, fmt.Errorf("outcome: %w", err)
	}
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("outcome: %w", err)
	}
	return o, nil
}

func (o *Outcome) check() error {
	if len(o.Guesses) > MaxSeen || len(o.Texts) > maxTexts {
		return fmt.Errorf("%d guesses and %d texts, at most %d and %d", len(o.Guesses), len(o.Texts), MaxSeen, maxTexts)
	}
	for _, g := range o.Guesses {
		if g.Sample < 0 || g.Sample > maxSampleNum {
			return fmt.Errorf("a guess of sample %d", g.Sample)
		}
	}
	if c := o.Calibration; c != nil {
		if err := c.check(); err != nil {
			return err
		}
	}
	if o.Classes == nil {
		return nil
	}
	return o.Classes.check()
}

func (c *Calibration) check() error {
	if n := len(c.Bins); n < 1 || n > maxSureBins {
		return fmt.Errorf("a calibration of %d bins, want 1 to %d", n, maxSureBins)
	}
	for _, b := range c.Bins {
		if b.Right < 0 || b.Count < b.Right || b.Sure < 0 || b.Sure > 1 {
			return fmt.Errorf("a bin of %d samples, %d right, %v sure", b.Count, b.Right, b.Sure)
		}
	}
	return nil
}

func (t *ClassTable) check() error {
	n := len(t.List)
	if n < 1 || n != min(t.Of, MaxTable) || len(t.Pairs) > maxPairs {
		return fmt.Errorf("a table of %d of %d classes, and %d pairs", n, t.Of, len(t.Pairs))
	}
	listed := map[int]bool{}
	for _, c := range t.List {
		if c.Class < 0 || c.Class >= t.Of || listed[c.Class] {
			return fmt.Errorf("a table of %d classes with class %d, or twice so", t.Of, c.Class)
		}
		listed[c.Class] = true
	}
	if t.Counts != nil && len(t.Counts) != n {
		return errors.New("a matrix with other classes than the table")
	}
	for _, row := range t.Counts {
		if len(row) != n {
			return errors.New("a matrix that is not square")
		}
	}
	for _, p := range t.Pairs {
		if min(p.Is, p.Taken) < 0 || max(p.Is, p.Taken) >= t.Of {
			return fmt.Errorf("a pair of the classes %d and %d of %d", p.Is, p.Taken, t.Of)
		}
		if len(p.Samples) > MaxSeen || len(p.Losses) != len(p.Samples) {
			return fmt.Errorf("a pair with %d samples and %d losses", len(p.Samples), len(p.Losses))
		}
		for _, i := range p.Samples {
			if i < 0 || i > maxSampleNum {
				return fmt.Errorf("a pair with sample %d", i)
			}
		}
	}
	return nil
}
