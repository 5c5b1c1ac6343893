package cmd

import (
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/survey"
)

// heldOut draws samples of a run's held-out set for its page, where this process can read it.
func heldOut(source string) *survey.Gallery {
	return survey.NewGallery(func() (samples.Source, error) { return survey.OpenHeldOut(source) })
}
