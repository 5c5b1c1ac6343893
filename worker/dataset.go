package worker

import (
	"fmt"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/generated"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// Dataset is what data.train or data.valid names: shards of text or of images, or
// images that are made as they are asked for.
type Dataset struct {
	text   *shard.Set
	images imageSource
}

// OpenData opens what source names for the run file's model.
func OpenData(f *runfile.File, source string) (*Dataset, error) {
	if !f.Model.ReadsImages() {
		if generated.Named(source) {
			return nil, fmt.Errorf("%q: generated sets hold images, and %s reads text; give the directory of its shards", source, f.Model.Kind)
		}
		set, err := shard.Open(source)
		if err != nil {
			return nil, err
		}
		if set.Kind() != shard.KindText {
			return nil, fmt.Errorf("%s holds %s, and %s reads text", source, set.Kind(), f.Model.Kind)
		}
		return &Dataset{text: set}, nil
	}
	if !generated.Named(source) {
		images, err := openImages(f, source)
		if err != nil {
			return nil, err
		}
		return &Dataset{images: images}, nil
	}
	spec, err := generated.Parse(source)
	if err != nil {
		return nil, err
	}
	m := f.Model
	return &Dataset{images: generatedImages{generated.New(spec, m.Classes, m.Image, m.Image, m.Channels)}}, nil
}

// Hash identifies the data.
func (d *Dataset) Hash() string {
	if d.images != nil {
		return d.images.Hash()
	}
	return d.text.Hash()
}

// Check returns an error when the data does not make one batch of the run file.
func (d *Dataset) Check(f *runfile.File) error {
	_, err := d.feed(f, nil, true)
	return err
}

// place is where a step of the run stands in the data.
type place struct {
	epoch        int
	firstOfEpoch bool
	count        int // targets in the global batch
}

// feed reads the rows of lanes. Which rows a step has is a function of the step
// alone.
type feed interface {
	// place says where a step stands.
	place(step int) place
	// batches is how many steps use all of the data once.
	batches() int
	// fill reads the rows that the lanes own in a step.
	fill(r *zoo.Recording, step int, lanes laneRange) error
}

// feed returns what reads the data batch by batch. A batch for training is
// always full where it can be; pool, which may be nil, shares the work out.
func (d *Dataset) feed(f *runfile.File, pool *tensor.Pool, training bool) (feed, error) {
	if d.images != nil {
		return newImageRows(d.images, f, pool, training), nil
	}
	streams, err := shard.NewStreams(d.text, f.Batch.Global, f.Batch.Length)
	if err != nil {
		return nil, err
	}
	return newRows(streams, f.Model.Vocab, f.Batch.LaneRows(), f.Batch.Length), nil
}
