package zoo

import (
	"slices"
	"testing"
)

// TestBackbonesAgainstPyTorch compares a step of members of every family, and inference, with those of make_backbones.py.
func TestBackbonesAgainstPyTorch(t *testing.T) {
	var refs, normed []stepReference
	readReference(t, "backbones.json", &refs)
	readReference(t, "normed.json", &normed)
	for _, ref := range slices.Concat(refs, normed) {
		t.Run(ref.Kind, func(t *testing.T) {
			kind, config := smallBackbone(t, ref.Kind, ref.Image)
			ref.compare(t, kind, config)
		})
	}
}
