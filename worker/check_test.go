package worker

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn/check"
)

// Runs of the zoo's models pass all checks, with what a run file may change in
// how they are computed.
func TestCheckedRuns(t *testing.T) {
	for name, f := range map[string]*runfile.File{
		"text":     smallFile(t, "batch.lanes=4", "precision=bf16"),
		"one lane": smallFile(t, "batch.lanes=1", "model.layers=1"),
		"images":   imageFile(t, "lenet5", "batch.global=8", "batch.lanes=4"),
	} {
		t.Run(name, func(t *testing.T) {
			n, err := Checked(f, 2)
			if err != nil {
				t.Fatal(err)
			}
			if n.Shape.Lanes != f.Batch.Lanes || n.Shape.Lanes*n.Shape.Rows != f.Batch.Global {
				t.Errorf("shape %+v", n.Shape)
			}
			if err := check.Run(n); err != nil {
				t.Error(err)
			}
		})
	}
}

// An error of the data says once of which step it is.
func TestCheckedDataSayTheStepOnce(t *testing.T) {
	f := imageFile(t, "lenet5", "batch.global=8", "batch.lanes=4", "model.classes=2")
	f.Data.Train = storedSet(t, 16, 28, func(s *samples.Schema) { s.Parts[1].Classes = nil })
	n, err := Checked(f, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := check.Run(n); err == nil || !strings.Contains(err.Error(), "step 0: sample ") || strings.Contains(err.Error(), "step 0: step 0") {
		t.Errorf("error %v", err)
	}
}
