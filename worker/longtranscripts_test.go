package worker

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/samples"
)

// spelled are texts with transcripts.
var spelled = []samples.Part{
	{Name: "text", Element: samples.UTF8, Shape: []int{samples.Varies}},
	{Name: "transcript", Element: samples.Int32, Shape: []int{samples.Varies}, Classes: []string{"a", "b", "c", "d"}},
}

func row(text string, symbols ...int32) samples.Sample {
	return samples.Sample{samples.Text(text), samples.Classes(symbols)}
}

// A held-out row with fewer time steps than its transcript takes makes the loss infinite, and is named; task.zero_infinity leaves it out.
func TestUnreachableHeldOut(t *testing.T) {
	set := setOf(t, spelled, row("abcd", 0, 1, 2), row("cd", 3), row("ba", 1, 0), row("dcba"), row("d", 1, 1), row("dd", 1, 1))
	for _, zero := range []bool{false, true} {
		f := imageFile(t, "tagger", "task.kind=transcript", fmt.Sprint("task.zero_infinity=", zero), "batch.length=4", "batch.global=4", "batch.lanes=2", "model.classes=5",
			"model.vocab=128", "model.hidden=6", "data.train="+set, "data.valid="+set)
		model, err := NewModel(f.Model)
		if err != nil {
			t.Fatal(err)
		}
		model.Params().Allocate()
		model.Params().Initialize(1)
		m, err := Evaluate(model, f, set, 1)
		if err != nil {
			t.Fatal(err)
		}
		const want = "held-out batch 1: nn: loss: row 0 of lane 0 has 1 time step, and its transcript of 2 symbols takes 3; leave the sample out, or set task.zero_infinity"
		if zero && (m.Unreachable != nil || math.IsInf(m.Loss, 0)) || !zero && (!math.IsInf(m.Loss, 1) || m.Unreachable == nil || m.Unreachable.Error() != want) {
			t.Errorf("zero_infinity %v: a loss of %v, %v", zero, m.Loss, m.Unreachable)
		}
	}
}

// A transcript of more symbols than the network gives time steps teaches nothing where task.zero_infinity says so, like one
// that takes but a step too many, and is measured all the same; otherwise it is an error that names the sample.
func TestLongTranscripts(t *testing.T) {
	set := setOf(t, spelled, row("abcd", 0, 1, 2), row("ab", 0, 1, 2, 3, 0, 1, 2, 3, 0), row("cd", 3), row("ba", 1, 0), row("dcba"), row("d", 1, 1))
	sets := []string{"task.kind=transcript", "batch.length=4", "batch.global=8", "batch.lanes=4", "model.classes=5", "model.vocab=128", "model.hidden=6",
		"steps=3", "data.train=" + set, "data.valid=" + set}
	f := imageFile(t, "tagger", append(sets, "task.zero_infinity=true")...)
	want := runInProcess(t, f, 1, 1, 1)
	if !strings.Contains(want.right, "symbol error rate") || strings.Contains(want.right, "NaN") || want.held-want.held != 0 {
		t.Errorf("it measures %s, and a loss of %v", want.right, want.held)
	}
	for _, c := range []struct{ workers, passes int }{{1, 3}, {3, 1}} {
		if got := runInProcess(t, f, c.workers, 2, c.passes); got.sum != want.sum || got.right != want.right {
			t.Errorf("%d workers, %d passes: %+v, one has %+v", c.workers, c.passes, got, want)
		}
	}
	f = imageFile(t, "tagger", sets...)
	data, err := OpenData(f, set)
	if err != nil {
		t.Fatal(err)
	}
	parts, _, err := partsOf(f)
	if err != nil {
		t.Fatal(err)
	}
	rows := newSampleRows(data, f, nil, false)
	rows.global, rows.perLane = 1, 1
	for i := range 6 {
		err := rows.read(parts, i, laneRange{0, 1}, nil)
		if wanted := i == 1; wanted != (err != nil) || wanted && err.Error() != "sample 1: transcript: nn: a transcript of 9 symbols; the batch has room for 4, "+
			"as many as the network gives time steps; leave the sample out, or set task.zero_infinity" {
			t.Errorf("sample %d: %v", i, err)
		}
	}
}
