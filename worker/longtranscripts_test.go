package worker

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/samples"
)

// A transcript of more symbols than the network gives time steps teaches nothing where task.zero_infinity says so, like one
// that takes but a step too many, and is measured all the same; otherwise it is an error that names the sample.
func TestLongTranscripts(t *testing.T) {
	row := func(text string, symbols ...int32) samples.Sample {
		return samples.Sample{samples.Text(text), samples.Classes(symbols)}
	}
	set := setOf(t, []samples.Part{
		{Name: "text", Element: samples.UTF8, Shape: []int{samples.Varies}},
		{Name: "transcript", Element: samples.Int32, Shape: []int{samples.Varies}, Classes: []string{"a", "b", "c", "d"}},
	}, row("abcd", 0, 1, 2), row("ab", 0, 1, 2, 3, 0, 1, 2, 3, 0), row("cd", 3), row("ba", 1, 0), row("dcba"), row("d", 1, 1))
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
