package history

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

func outcomeText(t *testing.T, step uint64, classes int) []byte {
	t.Helper()
	table := &api.ClassTable{Of: classes}
	for is := range classes {
		table.List = append(table.List, api.ClassCount{Class: is, Is: 1})
		row := make([]int64, classes)
		for taken := range row {
			row[taken] = int64((is*7919+taken*104729+int(step))*2654435761) % 1e9 // what no packing makes small
		}
		table.Counts = append(table.Counts, row)
	}
	text, err := json.Marshal(api.Outcome{Step: step, Classes: table})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Outcomes of any size are read as they were written; one of which a part is missing is not there.
func TestOutcomes(t *testing.T) {
	small, large, other := outcomeText(t, 10, 3), outcomeText(t, 20, 100), outcomeText(t, 30, 2)
	text := AppendOutcome(AppendOutcome(nil, 10, small), 20, large)
	if n := bytes.Count(text, magic[:]); n < 3 {
		t.Fatalf("%d frames: the large one has no parts", n)
	}
	l := loaded(AppendOutcome(text, 30, other))
	if got := l.Outcomes.Steps(); !slices.Equal(got, []uint64{10, 20, 30}) || !bytes.Equal(l.Outcomes.At(20), large) || !bytes.Equal(l.Outcomes.At(0), other) || l.Outcomes.At(21) != nil {
		t.Errorf("steps %v", got)
	}
	torn := slices.Clone(text)
	torn[bytes.LastIndex(torn, magic[:])+20] ^= 1
	if l = loaded(AppendOutcome(torn, 30, other)); !slices.Equal(l.Outcomes.Steps(), []uint64{10, 30}) {
		t.Errorf("of a torn history: %v", l.Outcomes.Steps())
	}
	if l = loaded(AppendOutcome(nil, 11, small)); len(l.Outcomes.Steps()) > 0 { // it says that it is of step 10
		t.Error("an outcome of another step is taken")
	}
}

// A run that went back writes over what it had; of many some stay, the newest among them.
func TestOutcomesAreBounded(t *testing.T) {
	var o Texts
	for step := uint64(1); step <= 1000; step++ {
		o.Add(step, fmt.Append(nil, step))
		if n := len(o.Steps()); n > MaxTexts || o.Steps()[n-1] != step || string(o.At(0)) != fmt.Sprint(step) {
			t.Fatalf("after %d: %v", step, o.Steps())
		}
	}
	before, steps := o, o.Steps()
	o.Cut(steps[1])
	o.Add(steps[2]-1, []byte("other"))
	if !slices.Equal(before.Steps(), steps) || string(before.At(steps[2])) != fmt.Sprint(steps[2]) {
		t.Error("a copy is changed by what the original takes")
	}
	first := o.Steps()[0]
	var later Texts
	later.Add(first+1, []byte("x"))
	o.Join(later)
	if got := o.Steps(); !slices.Equal(got, []uint64{first, first + 1}) {
		t.Errorf("after going back: %v", got)
	}
}
