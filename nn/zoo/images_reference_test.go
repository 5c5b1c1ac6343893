package zoo

import "testing"

// TestImageModelsAgainstPyTorch compares a step of each model, and inference, with those of make_images.py and make_cells.py.
func TestImageModelsAgainstPyTorch(t *testing.T) {
	for _, kind := range []string{"lenet5", "lenet5-1998", "mobilenetv2", "resnet-small", "cells"} {
		t.Run(kind, func(t *testing.T) {
			var ref stepReference
			readReference(t, kind+".json", &ref)
			ref.compare(t, kind, withoutDropout(t, kind, smallImages(kind, ref.Image, ref.Channels)))
		})
	}
}

// withoutDropout takes it from a kind's own fields.
func withoutDropout(tb testing.TB, kind string, config any) any {
	info := mustLookup(tb, kind)
	for _, name := range []string{"dropout", "side_dropout"} {
		if f := info.Field(name); f != nil {
			*f.At(config).(*float64) = 0
		}
	}
	return config
}
