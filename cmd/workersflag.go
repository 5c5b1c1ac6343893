package cmd

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/worker/machine"
)

// workersFlag is how many workers a run may have: "4", or "2..6" for a run that waits while there
// are fewer than 2.
type workersFlag struct {
	least, most int
	ranged      bool
}

// oneWorker is the default.
func oneWorker() workersFlag { return workersFlag{least: 1, most: 1} }

// String is the flag as it is written.
func (w *workersFlag) String() string {
	if w.ranged {
		return fmt.Sprintf("%d..%d", w.least, w.most)
	}
	return strconv.Itoa(w.most)
}

// Type is what help calls a value.
func (w *workersFlag) Type() string { return "N|LEAST..MOST" }

// Set takes the flag's text.
func (w *workersFlag) Set(text string) error {
	low, high, ranged := strings.Cut(text, "..")
	if !ranged {
		low, high = "1", text
	}
	least, err := strconv.Atoi(low)
	if err == nil {
		w.most, err = strconv.Atoi(high)
	}
	if err != nil {
		return fmt.Errorf("want a number as 4, or two as 2..6")
	}
	if w.least, w.ranged = least, ranged; least > w.most && ranged {
		return fmt.Errorf("from %d to %d workers is none; the lesser number comes first", least, w.most)
	}
	return nil
}

// check says what is wrong with it for a run of so many lanes.
func (w *workersFlag) check(lanes int) error {
	switch {
	case w.most < 1 || w.least < 1:
		return fmt.Errorf("--workers %v: at least 1", w)
	case w.most > lanes:
		return fmt.Errorf("--workers %v: more than the %d lanes of the run file (batch.lanes); each worker needs one", w, lanes)
	}
	return nil
}

// begin is how many workers a run of a cluster waits for before its first step.
func (w *workersFlag) begin() int {
	if w.ranged {
		return w.least
	}
	return w.most
}

// limit is how many workers rondo scale may ask for.
func (w *workersFlag) limit(lanes int) int {
	if !w.ranged {
		return lanes
	}
	return w.most
}

// start is how many workers a run on this machine begins with: with a range, as many as there are cores.
func (w *workersFlag) start() int {
	if !w.ranged {
		return w.most
	}
	return min(w.most, max(w.least, machine.Threads()))
}
