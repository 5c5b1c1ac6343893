package cmd

import (
	"errors"
	"fmt"
	"maps"
	"strconv"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// conclude prints what became of the run.
func (t *training) conclude(r coordinator.Result) error {
	s := t.coord.Status()
	if t.chaos != nil && t.chaos.ended(r) {
		return nil
	}
	if r.ExitCode == 0 {
		return t.summary(s, r)
	}
	if r.ExitCode != exitStopped {
		t.lastWords(s, r.Reason)
	}
	return &exitError{max(1, r.ExitCode), errors.New(r.Reason)}
}

// lastWords shows the end of the logs of the workers that were lost, or that
// never joined, where it says more than the reason does.
func (t *training) lastWords(s api.Status, reason string) {
	told := map[string]bool{} // those that ended as they were told to
	for _, w := range s.Workers {
		told[w.Name] = w.State != "lost"
	}
	for _, c := range t.children.all() {
		if told[c.name] {
			continue
		}
		if words := unsaid(c.tail.text(), reason); words != "" {
			t.voice.tail("the end of "+c.log, words)
		}
	}
}

// summary is the end of a run that finished.
func (t *training) summary(s api.Status, r coordinator.Result) error {
	dir := objects.Join(t.file.Checkpoint.Dir, checkpoint.DirName(uint64(t.file.Steps)))
	if stepped(s) {
		fmt.Fprintf(t.out, "\nfinished %s in %s\n", countText(int(s.Steps), "step"), durationText(s.Now.Sub(s.Started)))
	} else {
		fmt.Fprintf(t.out, "\nall %s were done before; %sto train anew give --set checkpoint.dir=DIR\n", countText(int(s.Steps), "step"), longerText(t.file.Bits()))
	}
	if n := len(s.Evaluations); n > 0 {
		fmt.Fprintf(t.out, "held out     %s\n", measureText(s, s.Evaluations[n-1], 4))
	}
	text := t.file.Task.Kind == task.Next
	if text {
		t.showSample(dir)
	}
	fmt.Fprintf(t.out, "checkpoint   %s\ndigest       %s\n", dir, r.Digest)
	next := "try next    "
	if text {
		fmt.Fprintf(t.out, "%s %s\n", next, shellText(program.Name(), "sample", t.file.Checkpoint.Dir, "--temperature", "0.6"))
		next = "            "
	}
	if valid := t.file.Data.Valid; valid != "" {
		fmt.Fprintf(t.out, "%s %s\n", next, shellText(program.Name(), "eval", t.file.Checkpoint.Dir, "--data", valid))
	}
	return nil
}

// longerText says how a run with these bits, whose steps are all done, trains longer; empty where its schedule does not allow it.
func longerText(bits map[string]string) string {
	steps, _ := strconv.ParseUint(bits["steps"], 10, 64)
	more := maps.Clone(bits)
	more["steps"] = strconv.FormatUint(steps+1, 10)
	if len(runfile.Continues(bits, more, steps)) > 0 {
		return ""
	}
	return "to train longer give --set steps=N, "
}

// showSample lets the trained model write.
func (t *training) showSample(dir string) {
	if text, err := sampleText(dir); err == nil {
		fmt.Fprintf(t.out, "a sample\n%s\n", indent(text))
	} else {
		t.log.Warn("no sample", "error", err)
	}
}
