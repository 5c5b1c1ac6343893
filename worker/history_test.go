package worker

import (
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

func saverOf(dir string, log *slog.Logger) *saver {
	f := &runfile.File{}
	f.Checkpoint.Dir = dir
	return newSaver(Config{File: f, Log: log}, checkpoint.Manifest{}, func(*api.FromWorker) {})
}

func readHistory(t *testing.T, dir string) *history.Loader {
	t.Helper()
	l := &history.Loader{}
	for at := uint64(0); ; {
		piece, next, err := checkpoint.ReadHistory(dir, at)
		if err != nil {
			t.Fatal(err)
		}
		if len(piece) == 0 {
			return l
		}
		l.Write(piece)
		at = next
	}
}

// What the first worker of each view writes is one history: that of the run as
// it went in the end.
func TestHistoryOfViews(t *testing.T) {
	dir := t.TempDir()
	one, other := saverOf(dir, slog.New(slog.DiscardHandler)), saverOf(dir, slog.New(slog.DiscardHandler))
	view := func(s *saver, from, to uint64, end error) {
		s.first.Store(true)
		s.history.begin(from, &api.Run{Name: "r"})
		for step := from; step < to; step++ {
			s.history.step(&api.StepReport{Step: step, Loss: float64(step), Targets: 10, TotalNs: 1e9})
		}
		s.history.evaluated(&api.Evaluated{Step: to, Loss: 1})
		s.history.end(to, end)
		s.idle()
		s.first.Store(false)
	}
	view(one, 0, 10, nil)
	view(other, 10, 20, nil)
	other.history.step(&api.StepReport{Step: 99}) // it is the first no more
	view(one, 15, 17, &NonFiniteError{Step: 17})
	one.told()
	other.told()
	l := readHistory(t, dir)
	run, evaluations := l.Run, l.Evaluations
	s := l.History.Series(history.Query{})
	if s.End != 18 || len(s.Steps) != 18 || s.Columns["loss"].Bad[17] != 1 || s.Columns["lr"].Bad[17] != 0 || s.Columns["loss"].Last[16] != 16 {
		t.Errorf("the history %+v, loss %+v", s, s.Columns["loss"])
	}
	if run == nil || run.Name != "r" || len(evaluations) != 2 || evaluations[1].Step != 17 {
		t.Errorf("run %+v, evaluations %+v", run, evaluations)
	}
	one.drain()
	other.drain()
}

// Where the disk is slow, nothing overtakes what waits for it, and the names of the columns are not lost.
func TestHistoryOfASlowDisk(t *testing.T) {
	dir := t.TempDir()
	s := saverOf(dir, slog.New(slog.DiscardHandler))
	s.first.Store(true)
	slow := make(chan struct{})
	s.later(func() { <-slow })
	s.later(s.history.flush)
	s.history.begin(0, &api.Run{Name: "r"})
	step := uint64(0)
	for range 3 * cap(s.queue) {
		s.history.step(&api.StepReport{Step: step, Loss: 1, Targets: 10, TotalNs: 1e9})
		step++
		s.history.evaluated(&api.Evaluated{Step: step, Loss: 1})
	}
	s.history.step(&api.StepReport{Step: step, Loss: 1, Targets: 10, TotalNs: 1e9})
	close(slow)
	s.told()
	l := readHistory(t, dir)
	if got := l.History.Series(history.Query{}); uint64(len(got.Steps)) != step+1 || uint64(len(l.Evaluations)) != step || l.Run == nil {
		t.Errorf("%d of %d steps and %d of %d evaluations, run %v", len(got.Steps), step+1, len(l.Evaluations), step, l.Run)
	}
	s.drain()
}

// What was lost while the disk was full takes nothing with it that is written afterwards.
func TestHistoryAfterAFullDisk(t *testing.T) {
	dir := t.TempDir()
	full := dir + "/" + checkpoint.HistoryName
	if err := os.Mkdir(full, 0o700); err != nil {
		t.Fatal(err)
	}
	s := saverOf(dir, slog.New(slog.DiscardHandler))
	s.first.Store(true)
	s.history.begin(0, &api.Run{})
	s.history.described(oneLayer)
	s.history.step(&api.StepReport{Step: 0, Loss: 1})
	s.told()
	if err := os.Remove(full); err != nil {
		t.Fatal(err)
	}
	s.history.step(&api.StepReport{Step: 1, Loss: 2})
	s.history.measured(healthAt(2), 100)
	s.told()
	l := readHistory(t, dir)
	if l.History == nil || l.History.Last() != 2 {
		t.Error("the step after it is not read")
	}
	if h := l.Layers.All(); h.Step != 2 || len(h.Layers) != 1 {
		t.Errorf("how the layers fared after it is not read: %+v", h)
	}
	s.drain()
}

// A history that cannot be written is said once, and nothing waits for it.
func TestHistoryThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(dir+"/"+checkpoint.HistoryName, 0o700); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	s := saverOf(dir, slog.New(slog.NewTextHandler(&out, nil)))
	s.first.Store(true)
	for range 5 {
		s.history.begin(0, &api.Run{})
		s.history.step(&api.StepReport{Loss: 1})
		s.history.end(1, errors.New("left"))
		s.idle()
	}
	s.drain()
	if n := strings.Count(out.String(), "the history of the run could not be written"); n != 1 {
		t.Errorf("said %d times:\n%s", n, out.String())
	}
}

// A run file that is too long for the history is said, and the rest of the run is told.
func TestHistoryOfALongRunFile(t *testing.T) {
	dir := t.TempDir()
	var out strings.Builder
	s := saverOf(dir, slog.New(slog.NewTextHandler(&out, nil)))
	s.first.Store(true)
	s.history.begin(0, &api.Run{Name: "r", File: strings.Repeat("x", 1<<16)})
	s.told()
	if l := readHistory(t, dir); l.Run == nil || l.Run.Name != "r" || l.Run.File != "" || !strings.Contains(out.String(), "too long") {
		t.Errorf("run %v; said: %s", l.Run, out.String())
	}
	s.drain()
}

// How long an epoch is comes from the data: of samples, with the part of a step.
func TestEpochSteps(t *testing.T) {
	f := imageFile(t, "lenet5", "data.train=generated:train?count=53", "batch.global=8", "batch.lanes=1")
	d, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.epochSteps(f); got != 53.0/8 {
		t.Errorf("%v steps", got)
	}
	f = smallFile(t)
	if d, err = OpenData(f, f.Data.Train); err != nil {
		t.Fatal(err)
	}
	feed, err := d.feed(f, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.epochSteps(f); got != float64(feed.batches()) || got < 1 {
		t.Errorf("%v steps of a text", got)
	}
}
