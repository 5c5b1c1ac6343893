package cmd

import (
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/survey"
	"github.com/rondo-ml/rondo/worker"
)

// heldOut draws samples of a run's held-out set for its page, where this process can read it.
func heldOut(f *runfile.File) *survey.Gallery {
	return survey.NewGallery(func() (samples.Source, error) { return worker.OpenHeldOut(f) })
}
