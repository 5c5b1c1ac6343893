package cutting

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
)

// output is the two sets being written.
type output struct {
	opts      Options
	heldGiven bool               // held-out data are given, so none are held out of the training data
	sets      [2]*samples.Writer // training and held-out samples; the second may be nil
	counts    [2]int64           // of the samples of each
	standing  [2]int64           // of these, the first so many were written by a cut that was stopped
}

// newOutput begins both sets. heldGiven says that held-out samples will be added as such.
func newOutput(opts Options, schema samples.Schema, heldGiven bool) (*output, error) {
	return beginOutput(opts, schema, heldGiven, samples.NewWriter)
}

// resumeOutput goes on with both sets.
func resumeOutput(opts Options, schema samples.Schema, heldGiven bool) (*output, error) {
	o, err := beginOutput(opts, schema, heldGiven, samples.ResumeWriter)
	if err != nil {
		return nil, err
	}
	for i, w := range o.sets {
		if w != nil {
			o.standing[i] = w.Records()
		}
	}
	return o, nil
}

func beginOutput(opts Options, schema samples.Schema, heldGiven bool,
	begin func(shard.WriterOptions, samples.Schema) (*samples.Writer, error)) (*output, error) {
	o := &output{opts: opts, heldGiven: heldGiven}
	for i, dir := range []string{shard.TrainDir(opts.Out), shard.ValidDir(opts.Out)} {
		if i == 1 && !heldGiven && opts.Valid == 0 {
			break
		}
		w, err := begin(shard.WriterOptions{Dir: dir, Name: filepath.Base(dir), Tag: opts.tag, ShardBytes: opts.ShardBytes, Overwrite: opts.Overwrite}, schema)
		if err != nil {
			o.abort()
			return nil, err
		}
		o.sets[i] = w
	}
	return o, nil
}

// setOf is the number of the set that a source belongs to. held says that it was given as held out; key decides otherwise.
func (o *output) setOf(held bool, key string) int {
	return btoi(held || o.draws() && files.Draw(key) < o.opts.Valid)
}

// draws says whether keys decide which samples are held out.
func (o *output) draws() bool { return !o.heldGiven && o.sets[1] != nil }

// add writes the samples of one source, but those that stand.
func (o *output) add(held bool, key string, list ...samples.Sample) error {
	set := o.setOf(held, key)
	for _, s := range list {
		if err := o.addTo(set, s); err != nil {
			return err
		}
	}
	return nil
}

// addNumbered writes sample i of a file of that base name. Its key is the name and the number, which most cuts of such files,
// where a file is held out whole, have no need to spell.
func (o *output) addNumbered(held bool, base string, i int, s samples.Sample) error {
	key := ""
	if o.draws() {
		key = base + "/" + strconv.Itoa(i)
	}
	return o.addTo(o.setOf(held, key), s)
}

// addTo writes a sample to a set, unless it stands.
func (o *output) addTo(set int, s samples.Sample) error {
	o.counts[set]++
	if o.counts[set] <= o.standing[set] {
		return nil
	}
	return o.sets[set].Add(s)
}

// pass counts n samples that stand.
func (o *output) pass(held bool, key string, n int) { o.counts[o.setOf(held, key)] += int64(n) }

// abort removes what was written. It may follow a failed commit.
func (o *output) abort() {
	for _, w := range o.sets {
		if w != nil {
			w.Abort()
		}
	}
}

// leave ends writing so that it can be gone on with.
func (o *output) leave() {
	for _, w := range o.sets {
		if w != nil {
			w.Leave()
		}
	}
}

// shards is the number of shards that were finished.
func (o *output) shards() int {
	n := 0
	for _, w := range o.sets {
		if w != nil {
			n += w.Shards()
		}
	}
	return n
}

// commit puts both sets in place.
func (o *output) commit() (train SetSummary, valid *SetSummary, err error) {
	if o.counts[0] == 0 {
		return train, nil, fmt.Errorf("no samples for training")
	}
	if o.sets[1] == nil {
		m, _, err := shard.CommitSplit(o.sets[0].Writer, nil)
		return summaryOf(shard.TrainDir(o.opts.Out), m), nil, err
	}
	if o.counts[1] == 0 && o.heldGiven {
		return train, nil, errors.New("no sample is held out: what is to be (--held-out, --held-out-match) gives none, or the same files as the training data, for which they count")
	}
	if o.counts[1] == 0 {
		return train, nil, fmt.Errorf("of %d samples none is held out with a fraction of %v; give a larger one, or 0", o.counts[0], o.opts.Valid)
	}
	m, held, err := shard.CommitSplit(o.sets[0].Writer, o.sets[1].Writer)
	v := summaryOf(shard.ValidDir(o.opts.Out), held)
	return summaryOf(shard.TrainDir(o.opts.Out), m), &v, err
}

func summaryOf(dir string, m shard.Manifest) SetSummary {
	return SetSummary{Dir: dir, Samples: m.Records, Bytes: m.Size, Shards: len(m.Shards), Hash: m.Hash}
}
