package cutting

import (
	"fmt"
	"path/filepath"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
)

// output is the two sets being written.
type output struct {
	opts         Options
	heldGiven    bool // held-out data are given, so none are held out of the training data
	train, valid *samples.Writer
	counts       [2]int64 // of training and held-out samples
}

// newOutput begins both sets. heldGiven says that held-out samples will be added as such.
func newOutput(opts Options, schema samples.Schema, heldGiven bool) (*output, error) {
	o := &output{opts: opts, heldGiven: heldGiven}
	writer := func(dir string) (*samples.Writer, error) {
		return samples.NewWriter(shard.WriterOptions{Dir: dir, Name: filepath.Base(dir), ShardBytes: opts.ShardBytes,
			Overwrite: opts.Overwrite}, schema)
	}
	var err error
	if o.train, err = writer(shard.TrainDir(opts.Out)); err != nil {
		return nil, err
	}
	if heldGiven || opts.Valid > 0 {
		if o.valid, err = writer(shard.ValidDir(opts.Out)); err != nil {
			o.abort()
			return nil, err
		}
	}
	return o, nil
}

// add writes the samples of one source. held says that it was given as held out; key decides otherwise.
func (o *output) add(held bool, key string, list ...samples.Sample) error {
	w, set := o.train, 0
	if held || !o.heldGiven && o.valid != nil && files.Draw(key) < o.opts.Valid {
		w, set = o.valid, 1
	}
	for _, s := range list {
		if err := w.Add(s); err != nil {
			return err
		}
	}
	o.counts[set] += int64(len(list))
	return nil
}

// abort removes what was written. It may follow a failed commit.
func (o *output) abort() {
	for _, w := range []*samples.Writer{o.train, o.valid} {
		if w != nil {
			w.Abort()
		}
	}
}

// commit puts both sets in place.
func (o *output) commit() (train SetSummary, valid *SetSummary, err error) {
	if o.counts[0] == 0 {
		return train, nil, fmt.Errorf("no samples for training")
	}
	if o.valid == nil {
		m, _, err := shard.CommitSplit(o.train.Writer, nil)
		return summaryOf(shard.TrainDir(o.opts.Out), m), nil, err
	}
	if o.counts[1] == 0 {
		return train, nil, fmt.Errorf("of %d samples none is held out with a fraction of %v; give a larger one, or 0", o.counts[0], o.opts.Valid)
	}
	m, held, err := shard.CommitSplit(o.train.Writer, o.valid.Writer)
	v := summaryOf(shard.ValidDir(o.opts.Out), held)
	return summaryOf(shard.TrainDir(o.opts.Out), m), &v, err
}

func summaryOf(dir string, m shard.Manifest) SetSummary {
	return SetSummary{Dir: dir, Samples: m.Records, Bytes: m.Size, Shards: len(m.Shards), Hash: m.Hash}
}
