package cutting

import (
	"errors"
	"fmt"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/shard"
)

// Options are those of every cut.
type Options struct {
	Out string // the sets are Out/train and Out/valid

	// Valid is the fraction of the training data that is held out, in [0, 1), where no held-out data are given.
	Valid float64

	// HeldOut are the paths of held-out data, of the same form as those of the training data.
	HeldOut []string

	ShardBytes int64 // see [shard.WriterOptions]
	Overwrite  bool  // replace the sets that are in Out

	// Progress, if set, is called as samples are written, with their number and that of all.
	Progress func(done, total int)
}

// Summary is what a cut made.
type Summary struct {
	Train   SetSummary
	Valid   *SetSummary // nil if nothing was held out
	Classes []string    // by number; nil where samples have none
	LeftOut []files.LeftOut
}

// SetSummary is one of the sets made.
type SetSummary struct {
	Dir     string
	Samples int64
	Bytes   int64
	Shards  int
	Hash    string
}

// check refuses what cannot be done, before the long part.
func (o Options) check(paths []string) error {
	switch {
	case o.Out == "":
		return errors.New("no output directory for the shards")
	case len(paths) == 0:
		return errors.New("no data given: name files or directories")
	case !(o.Valid >= 0 && o.Valid < 1): // also NaN
		return fmt.Errorf("held-out fraction %v: it must be at least 0 and less than 1", o.Valid)
	}
	return shard.RefuseSplit(o.Out, o.Overwrite)
}
