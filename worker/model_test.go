package worker

import (
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// The run file that a checkpoint's fields give has these fields, for every kind of model.
func TestFileOf(t *testing.T) {
	for _, f := range []*runfile.File{smallFile(t), imageFile(t, "lenet5"), imageFile(t, "resnet18", "convolution=winograd"), imageFile(t, "mobilenetv2")} {
		again, err := FileOf(&checkpoint.Manifest{Run: f.Name, Bits: f.Bits()})
		if err != nil {
			t.Errorf("%s: %v", f.Model.Kind, err)
			continue
		}
		if diff := runfile.Diff(f.Bits(), again.Bits()); len(diff) > 0 {
			t.Errorf("%s: differs in %v", f.Model.Kind, diff)
		}
	}
}

// A checkpoint keeps whether batch norms took the statistics of the whole batch.
func TestFileOfSyncBatchNorm(t *testing.T) {
	bits := smallFile(t).Bits()
	bits["sync_batchnorm"] = "true"
	if f, err := FileOf(&checkpoint.Manifest{Run: "old", Bits: bits}); err != nil || !f.SyncBatchNorm {
		t.Errorf("%+v, %v", f, err)
	}
}
