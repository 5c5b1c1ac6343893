package zoo

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/safetensors"
)

// DenseNet takes the names of files of 2017, which lack counters and come from a DataParallel.
func TestOldDenseNetFile(t *testing.T) {
	m, err := New("densenet121", Scaled{Classifier: Classifier{Classes: 3, Image: 64, Channels: 3}, Width: 0.25, Depth: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	m.Params().Allocate()
	m.Params().Initialize(1)
	var old safetensors.List
	renamed := 0
	for _, w := range m.Params().Tensors() {
		if strings.HasSuffix(w.Name, ".num_batches_tracked") {
			continue
		}
		name := w.Name
		if strings.Contains(name, "denselayer") {
			for _, part := range []string{"norm1", "norm2", "conv1", "conv2"} {
				name = strings.Replace(name, "."+part+".", "."+part[:4]+"."+part[4:]+".", 1)
			}
		}
		if name != w.Name {
			renamed++
		}
		w.Name = "module." + name
		old = append(old, w)
	}
	rename := m.Model.(interface{ WeightName(string) string }).WeightName
	report, err := m.Params().Load(old, nn.LoadOptions{Rename: rename})
	if err != nil || renamed == 0 || report.Prefix != "module." || len(report.Uncounted) == 0 || report.Loaded != len(old) {
		t.Errorf("%v; %d renamed, %+v", err, renamed, report)
	}
}
