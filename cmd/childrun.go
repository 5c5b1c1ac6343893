package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rondo-ml/rondo/cmd/past"
	"github.com/rondo-ml/rondo/coordinator/history"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// childRun is a run that a command trains in a process of its own, one of many.
type childRun struct {
	path    string   // of the run file
	sets    []string // FIELD=VALUE, checkpoint.dir among them
	dir     string   // checkpoint.dir
	workers int
	resume  bool
}

var errChildStopped = &exitError{exitStopped, errors.New("stopped by a signal; the same command goes on")}

// divergedError is of a child whose step came to what is no number: the same run would come to it again.
type divergedError struct {
	error
	line string // of the child's words that says so
}

// train trains the run to its end. Its words go into a file of its directory.
func (c childRun) train(ctx context.Context, f *family) error {
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	log, err := openLog(c.dir, "train")
	if err != nil {
		return err
	}
	defer log.Close()
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("the path of this program: %w", err)
	}
	words := []string{"train", c.path, "--status-addr", "", "--workers", strconv.Itoa(c.workers)}
	if c.resume {
		words = append(words, "--resume")
	}
	for _, set := range lastOfEach(c.sets) { // a variant's list stands in the place of the list of all
		words = append(words, "--set", set)
	}
	end := &tail{}
	p := exec.CommandContext(ctx, program, words...)
	p.Cancel = func() error { return p.Process.Signal(syscall.SIGTERM) } // it saves and leaves
	p.WaitDelay = time.Minute
	p.Stdout, p.Stderr = log, end
	if err := f.start(p); ctx.Err() != nil && err != nil {
		return errChildStopped
	} else if err != nil {
		return fmt.Errorf("starting %s: %w", c.dir, err)
	}
	err = p.Wait()
	switch words := end.text(); {
	case ctx.Err() != nil:
		return errChildStopped
	case err != nil && strings.Contains(words, notFinite):
		return divergedError{fmt.Errorf("%s: %s", c.dir, words), lineWith(words, notFinite)}
	case err != nil:
		return fmt.Errorf("%s: %s: %s", c.dir, exitText(p.ProcessState, err), words)
	}
	return nil
}

// notFinite is what a worker.NonFiniteError always says.
const notFinite = "is not finite"

// lineWith is the first line that has some words in it.
func lineWith(text, words string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, words) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// finished says whether a run is at its end, and whether there is a checkpoint to go on from.
func finished(dir string, steps int) (done, begun bool, err error) {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return false, false, nil
	}
	m, _, err := checkpoint.Newest(checkpoint.Files{}, dir)
	if errors.Is(err, checkpoint.ErrNone) {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	return m.Step >= uint64(steps), true, nil
}

// leftBy reads what a finished run has left: the measures of its last evaluation, loss among them, the targets that it
// took a second, the median over its steps, and its digest.
func leftBy(dir string) (measures map[string]float64, rate float64, digest string, err error) {
	ran, err := past.Open(dir, time.Now)
	if err != nil {
		return nil, 0, "", err
	}
	st := ran.Status()
	if len(st.Evaluations) == 0 {
		return nil, 0, "", fmt.Errorf("%s: the run has left no evaluation; remove the directory to train it again", dir)
	}
	if m, _, err := checkpoint.Newest(checkpoint.Files{}, dir); err == nil {
		digest = m.Digest
	}
	last := st.Evaluations[len(st.Evaluations)-1]
	measures = map[string]float64{"loss": float64(last.Loss)}
	for _, m := range last.Measures {
		measures[m.Name] = float64(m.Value)
	}
	s := ran.Series(history.Query{Points: history.MaxPoints})
	if c := s.Columns["rate"]; c != nil {
		var rates []float64
		for _, x := range c.Mean {
			if x > 0 {
				rates = append(rates, float64(x))
			}
		}
		if slices.Sort(rates); len(rates) > 0 {
			rate = rates[len(rates)/2]
		}
	}
	return measures, rate, digest, nil
}

// lastOfEach leaves of the sets of each field, FIELD=VALUE, the last: it is the one that counts.
func lastOfEach(sets []string) (left []string) {
	field := func(set string) string {
		name, _, _ := strings.Cut(set, "=")
		return strings.TrimSpace(name)
	}
	for i, set := range sets {
		if !slices.ContainsFunc(sets[i+1:], func(other string) bool { return field(other) == field(set) }) {
			left = append(left, set)
		}
	}
	return left
}
