package history

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// written is a history as frames, in the pieces that a worker would write.
func written(t testing.TB, columns []string, from, to uint64) (pieces [][]byte) {
	t.Helper()
	w, err := NewWriter(columns...)
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float32, len(columns))
	for s := from; s <= to; s++ {
		for i := range values {
			values[i] = float32(s) + float32(i)/8
		}
		if w.Add(s, when(s/10), values) {
			pieces = append(pieces, w.Take())
		}
	}
	return append(pieces, w.Take())
}

func loaded(pieces ...[]byte) *Loader {
	l := &Loader{}
	for _, p := range pieces {
		l.Write(p)
	}
	return l
}

// What is written is read, in pieces of any size, and a run that went back is
// cut where it says so.
func TestFrames(t *testing.T) {
	text := slices.Concat(written(t, []string{"loss", "norm"}, 1, 2000)...)
	text = AppendCut(text, 1500)
	text, err := AppendNote(text, Note{Run: &api.Run{Name: "r"}, Evaluation: &api.Evaluation{Step: 7}})
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, slices.Concat(written(t, []string{"loss", "norm"}, 1501, 1800)...)...)
	rapid.Check(t, func(t *rapid.T) {
		l := &Loader{}
		for rest := text; len(rest) > 0; {
			n := min(len(rest), rapid.IntRange(1, 9000).Draw(t, "piece"))
			l.Write(rest[:n])
			rest = rest[n:]
		}
		s := l.History.Series(Query{Points: MaxPoints})
		if s.End != 1800 || len(s.Steps) != 1800 || s.Columns["norm"].Last[1799] != 1800.125 || s.Seconds[1799] != 180 {
			t.Fatalf("read: %+v", s)
		}
		if l.Run == nil || l.Run.Name != "r" || len(l.Evaluations) != 1 || l.Evaluations[0].Step != 7 {
			t.Fatalf("run %v, evaluations %v", l.Run, l.Evaluations)
		}
	})
}

// What evaluations found and showed behind a cut is gone, and that of its own step is not.
func TestCutEvaluations(t *testing.T) {
	var text []byte
	for step := uint64(10); step <= 40; step += 10 {
		note, err := AppendNote(nil, Note{Evaluation: &api.Evaluation{Step: step}})
		if err != nil {
			t.Fatal(err)
		}
		text = AppendOutcome(append(text, note...), step, fmt.Appendf(nil, `{"step":%d}`, step))
	}
	for cut, want := range map[uint64][]uint64{0: {}, 19: {10}, 20: {10, 20}, math.MaxUint64: {10, 20, 30, 40}} {
		l := loaded(text, AppendCut(nil, cut))
		steps := []uint64{}
		for _, e := range l.Evaluations {
			steps = append(steps, e.Step)
		}
		if !slices.Equal(steps, want) || !slices.Equal(l.Outcomes.Steps(), want) {
			t.Errorf("after a cut at %d: evaluations %v, outcomes %v", cut, steps, l.Outcomes.Steps())
		}
	}
}

// A torn write costs its own points, no others.
func TestFramesTorn(t *testing.T) {
	pieces := written(t, []string{"loss"}, 1, 400)
	torn := slices.Clone(pieces)
	lost := len(pieces) / 2
	torn[lost] = torn[lost][:len(torn[lost])-3]
	l, whole := loaded(torn...), loaded(pieces...)
	a, b := l.History.Series(Query{}), whole.History.Series(Query{})
	if a.End != 400 || len(b.Steps) != 400 || len(a.Steps) >= 400 || len(a.Steps) < 380 {
		t.Errorf("%d steps of %d, to step %d", len(a.Steps), len(b.Steps), a.End)
	}
}

// A later program may have other columns: what both have goes on.
func TestFramesOfOtherColumns(t *testing.T) {
	l := loaded(append(written(t, []string{"loss", "norm"}, 1, 20), written(t, []string{"new", "norm"}, 21, 30)...)...)
	s := l.History.Series(Query{})
	if c := s.Columns["norm"]; s.End != 30 || c.Last[29] != 30.125 || c.Bad[29] != 0 {
		t.Errorf("norm %+v", c)
	}
	if c := s.Columns["loss"]; !math.IsNaN(float64(c.Last[29])) || c.Bad[29] != 0 || c.Last[19] != 20 {
		t.Errorf("loss %+v", c)
	}
}

func TestWriterRefuses(t *testing.T) {
	if _, err := NewWriter("a", "a"); err == nil {
		t.Error("two columns of a name")
	}
	if _, err := AppendNote(nil, Note{Run: &api.Run{File: strings.Repeat("x", maxNote)}}); err == nil {
		t.Error("a note of any size")
	}
}

// The newest evaluations are kept, and the run whatever else is said; a run that
// went back writes over those behind.
func TestNotes(t *testing.T) {
	text, err := AppendNote(nil, Note{Run: &api.Run{Name: "r"}})
	for step := uint64(1); err == nil && step <= maxEvaluations+5; step++ {
		text, err = AppendNote(text, Note{Evaluation: &api.Evaluation{Step: step}})
	}
	if err != nil {
		t.Fatal(err)
	}
	l := loaded(text)
	if n := len(l.Evaluations); l.Run == nil || n != maxEvaluations || l.Evaluations[n-1].Step != maxEvaluations+5 {
		t.Errorf("run %v, %d evaluations", l.Run, n)
	}
	if text, err = AppendNote(appendFrame(nil, kindNote, []byte(`{"evaluation":`)), Note{Evaluation: &api.Evaluation{Step: 9, Loss: 2}}); err != nil {
		t.Fatal(err)
	}
	l.Write(text)
	if n := len(l.Evaluations); n != 4 || l.Evaluations[3].Loss != 2 {
		t.Errorf("after the run went back: %+v", l.Evaluations)
	}
}

// A step takes the bytes that are said.
func TestFrameSize(t *testing.T) {
	text := slices.Concat(written(t, []string{"loss", "norm", "lr", "rate", "compute", "ring", "wait"}, 1, 10000)...)
	if each := float64(len(text)) / 10000; each > 36 {
		t.Errorf("%.1f bytes a step", each)
	}
}

// Nothing that is read can hurt, and what was read is written and read again.
func FuzzLoader(f *testing.F) {
	f.Add(slices.Concat(written(f, []string{"loss", "norm"}, 1, 30)...))
	f.Add(AppendCut(slices.Concat(written(f, []string{"loss"}, 5, 9)...), 7))
	f.Add(AppendOutcome(nil, 3, []byte(`{"step":3,"classes":{"of":1,"list":[{"class":0}],"counts":[[4]]}}`)))
	n, h := network(2, 3)
	f.Add(AppendHealth(AppendNetwork(nil, n), h))
	f.Add(AppendWaterfall(nil, 3, []byte(`{"worker":"w","step":3,"total":1,"spans":[{"part":"rows","end":1}]}`)))
	f.Add([]byte("\xf7Rhi\xf7Rhi\x00\x00\x00\x00C\xff\xff"))
	f.Fuzz(func(t *testing.T, text []byte) {
		// Frames of any content with a right checksum, too.
		for _, l := range []*Loader{loaded(text), loaded(appendFrame(nil, kindColumns, []byte(`["loss"]`)), appendFrame(nil, kindPoints, text[:min(len(text), maxFrame)]),
			appendFrame(nil, kindOutcome, text[:min(len(text), maxFrame)])), loaded(appendFrame(nil, kindLayers, text[:min(len(text), maxFrame)]))} {
			if _, err := json.Marshal(l.Layers.All()); err != nil {
				t.Fatal(err)
			}
			if l.History == nil {
				continue
			}
			w, err := NewWriter(l.History.columns...)
			if err != nil {
				t.Fatal(err)
			}
			var again []byte
			l.History.Each(0, func(step uint64, at time.Time, values []float32) bool {
				if w.Add(step, at, values) {
					again = append(again, w.Take()...)
				}
				return true
			})
			again = append(again, w.Take()...)
			same := loaded(again)
			if l.History.Last() == 0 {
				continue
			}
			a, _ := json.Marshal(l.History.Series(Query{}).Columns)
			if _, err := json.Marshal(l.History.Series(Query{})); err != nil {
				t.Fatal(err)
			}
			b, _ := json.Marshal(same.History.Series(Query{}).Columns)
			if string(a) != string(b) {
				t.Fatalf("written and read again: %s; were %s", b, a)
			}
		}
	})
}
