package worker

import (
	"errors"
	"fmt"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/augment"
	"github.com/rondo-ml/rondo/data/generated"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// Dataset is what data.train or data.valid names: a text, samples, or images that are made as they are asked for.
type Dataset struct {
	text    *shard.Set
	samples samples.Source
	made    *generated.Set
	binding []binding // of samples: how each part of a batch is filled
	reads   []string  // of samples: the parts that fill those of a batch
	pixels  int       // of a row, where each has a target; else 0

	changes *augment.Pipeline // data.augment; nil: none
	changed bool              // there is a part that they change
	plain   *augment.Pipeline // the same without chance
	numbers *augment.Normalization
	asRead  bool // images of float32 numbers, the generated ones, are as the network reads them
	hears   int  // samples a second of the sounds that the network hears; 0: it does not say

	classes *classCounts // nil until model.final_bias has asked
}

// setCache is about how much of a set stays in memory, in bytes: in an order of its own, an epoch reads each block as
// often as it has samples.
const setCache = 1 << 30

// OpenData opens what source names for the run file's model and task.
func OpenData(f *runfile.File, source string) (*Dataset, error) {
	if f.Task.Kind == task.Next && !generated.Named(source) {
		return openText(f, source)
	}
	parts, hears, err := partsOf(f)
	if err != nil {
		return nil, err
	}
	if generated.Named(source) {
		return openGenerated(f, source, parts)
	}
	set, err := samples.OpenSource(source)
	if err != nil {
		return nil, err
	}
	if stored, ok := set.(*samples.Set); ok {
		stored.Cache(setCache)
	}
	if set.Len() < 1 {
		return nil, fmt.Errorf("%s has no samples", source)
	}
	d := &Dataset{samples: set, reads: partNames(parts), hears: hears}
	if err := d.prepare(f, parts); err != nil {
		return nil, err
	}
	for _, p := range parts {
		b, err := d.bind(p, parts, set.Schema())
		if err != nil {
			return nil, fmt.Errorf("%s %w", source, err)
		}
		d.binding = append(d.binding, b)
		if k, ok := p.Holds.(*nn.Targets); ok && k.Layout.IsImage() {
			d.pixels = k.Layout.Pixels()
		}
	}
	if d.changes != nil && !d.changed {
		return nil, fmt.Errorf("data.augment changes images and sounds, and %s reads neither from %s", f.Model.Kind, source)
	}
	return d, nil
}

// prepare readies what is done to samples on their way.
func (d *Dataset) prepare(f *runfile.File, parts []nn.Part) (err error) {
	d.numbers = augment.Symmetric()
	if len(f.Data.Mean) > 0 {
		if d.numbers, err = augment.Normalize(f.Data.Mean, f.Data.Deviation); err != nil {
			return fmt.Errorf("data.mean: %w", err)
		}
	}
	if f.Data.Augment == "" {
		return nil
	}
	if d.changes, err = augment.Parse(f.Data.Augment); err != nil {
		return fmt.Errorf("data.augment: %w", err)
	}
	d.plain = d.changes.Evaluation()
	if d.changes.Mixes() {
		return checkMixing(f, parts)
	}
	return nil
}

// checkMixing returns an error unless the rows of a lane can be mixed: images, and what they are to be taken for.
func checkMixing(f *runfile.File, parts []nn.Part) error {
	if n := f.Batch.TrainedRows(); n < 2 {
		return fmt.Errorf("data.augment: mixup and cutmix mix two rows of a lane or more, and a lane has %d of them; "+
			"give batch.global a larger number or batch.lanes a smaller one", n)
	}
	images := false
	for _, p := range parts {
		mixable := false
		switch k := p.Holds.(type) {
		case *nn.Images:
			images, mixable = true, true
		case *nn.Targets: // one for each image
			mixable = !k.Layout.IsImage() && k.Layout.Steps == 1
		case *nn.TargetValues: // labels, whose loss is a sum of what each of them costs
			mixable = k.Low == 0 && k.High == 1
		}
		if !mixable {
			return fmt.Errorf("data.augment: mixup and cutmix mix images with their classes or labels, and %s with task.kind = %s has the part %s, which they do not mix",
				f.Model.Kind, f.Task.Kind, p.Name)
		}
	}
	if !images {
		return fmt.Errorf("data.augment: mixup and cutmix mix images, and %s reads none", f.Model.Kind)
	}
	return nil
}

// partsOf are the parts of a batch of the run file's model and task, as one row has them, and how many samples a second
// the sounds have that the network hears; 0: it does not say.
func partsOf(f *runfile.File) (parts []nn.Part, hears int, err error) {
	defer zoo.Recover(f.Model.Kind, &err)
	model, err := describeModel(f.Model)
	if err != nil {
		return nil, 0, err
	}
	tape := nn.NewTape(model.Params(), nil, nn.Shape{Steps: f.RowLength(), Lanes: 1, Rows: 1}, nn.Training, 0)
	parts = zoo.Record(model, f.Task.New(), tape, nil).Parts()
	return parts, heardBy(tape), nil
}

// heardBy is how many samples a second the sounds have whose spectrogram a network makes; 0: it makes none.
func heardBy(t *nn.Tape) int {
	if m, _ := t.Heard(); m != nil {
		return m.Options.Rate
	}
	return 0
}

func openText(f *runfile.File, source string) (*Dataset, error) {
	if f.Data.Augment != "" {
		return nil, fmt.Errorf("data.augment changes images and sounds, and %s reads text", f.Model.Kind)
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

// openGenerated makes images for a model that reads images of one size and tells their classes.
func openGenerated(f *runfile.File, source string, parts []nn.Part) (*Dataset, error) {
	spec, err := generated.Parse(source)
	if err != nil {
		return nil, err
	}
	images, classes := (*nn.Images)(nil), (*nn.Targets)(nil)
	for _, p := range parts {
		switch holds := p.Holds.(type) {
		case *nn.Images:
			images = holds
		case *nn.Targets:
			classes = holds
		}
	}
	if len(parts) != 2 || images == nil || classes == nil || f.Task.Kind != task.Class {
		return nil, fmt.Errorf("%q: generated sets hold images and their classes, and %s reads other data; give a directory of shards", source, f.Model.Kind)
	}
	if f.Data.Augment != "" {
		return nil, fmt.Errorf("%q: data.augment changes stored images; generated ones are random as they stand", source)
	}
	return &Dataset{made: generated.New(spec, classes.Classes, images.Height, images.Width, images.Channels)}, nil
}

// Hash identifies the data.
func (d *Dataset) Hash() string {
	switch {
	case d.made != nil:
		return d.made.Hash()
	case d.samples != nil:
		return d.samples.Hash()
	}
	return d.text.Hash()
}

// Check returns an error when the data, for training or held out, does not make one batch of the run file.
func (d *Dataset) Check(f *runfile.File, training bool) error {
	_, err := d.feed(f, nil, training)
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
	ledger
	// place says where a step stands.
	place(step int) place
	// batches is how many steps use all of the data once.
	batches() int
	// fill reads the rows that the lanes own in a step.
	fill(r *zoo.Recording, step int, lanes laneRange) error
	// ahead begins to read what will be asked for next, beside whatever else is done.
	ahead(step int, lanes laneRange)
	// close waits for what it reads ahead.
	close()
}

// epochSteps is how many steps of a run use all of the data once; 0 where it cannot be read as the run file has it.
func (d *Dataset) epochSteps(f *runfile.File) float64 {
	feed, err := d.feed(f, nil, true)
	if err != nil {
		return 0
	}
	defer feed.close()
	if d.text != nil {
		return float64(feed.batches())
	}
	return float64(feed.items()) / float64(f.Batch.Global)
}

// feed returns what reads the data batch by batch. A batch for training is
// always full where it can be; pool, which may be nil, shares the work out.
func (d *Dataset) feed(f *runfile.File, pool *tensor.Pool, training bool) (feed, error) {
	if d.text == nil {
		if stored, ok := d.samples.(*samples.Set); ok {
			stored.ReadAll()
		}
		rows := newSampleRows(d, f, pool, training)
		if d.inOrder() && rows.run == 0 {
			return nil, fmt.Errorf("%d samples that follow one another are too few: each of the %d rows of a batch (batch.global) reads some of its own", rows.length, rows.global)
		}
		return newReadAhead(rows), nil
	}
	if training && f.Batch.Pipelines > 1 {
		return nil, errors.New("a text is read by lanes with rows of their own; give batch.pipelines: 1")
	}
	share := 1.0
	if training && f.Data.Share > 0 {
		share = f.Data.Share
	}
	streams, err := shard.NewStreamsOf(d.text, share, f.Batch.Global, f.Batch.Length)
	if err != nil {
		return nil, err
	}
	return newRows(streams, f.Batch.LaneRows(), f.Batch.Length), nil
}
