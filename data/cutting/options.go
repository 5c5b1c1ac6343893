package cutting

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/shard"
)

// Options are those of every cut.
type Options struct {
	Out string `json:"-"` // a directory, or an address in an object store: the sets are Out/train and Out/valid

	// Valid is the fraction of the training data that is held out, in [0, 1), where no held-out data are given.
	Valid float64

	// HeldOut are the paths of held-out data, of the same form as those of the training data.
	HeldOut []string

	SkipUnreadable bool `json:"-"` // make the sets without what cannot be read
	Workers        int  `json:"-"` // goroutines that decode; 0 means one a processor

	ShardBytes int64 // see [shard.WriterOptions]
	Overwrite  bool  `json:"-"` // replace the sets that are in Out

	tag string // of shards in an object store

	// Progress, if set, is called as samples are written, with their number and that of all.
	Progress func(done, total int) `json:"-"`

	// Say, if set, is called with what the user should know before the long part.
	Say func(text string) `json:"-"`
}

// Summary is what a cut made.
type Summary struct {
	Train   SetSummary
	Valid   *SetSummary // nil if nothing was held out
	Classes []string    // by number; nil where samples have none
	LeftOut []files.LeftOut

	// Untrained are the names of classes whose samples were all held out, by chance: of a class with few samples that may be all.
	Untrained []string

	// Unreadable is what the sets were made without, because SkipUnreadable allowed it.
	Unreadable []files.LeftOut
}

// SetSummary is one of the sets made.
type SetSummary struct {
	Dir     string
	Samples int64
	Bytes   int64
	Shards  int
	Hash    string
}

// UnreadableError lists everything that cannot be read. Nothing was committed.
type UnreadableError struct {
	Sources int // that were tried
	List    []files.LeftOut
}

func (e *UnreadableError) Error() string {
	return fmt.Sprintf("%d of %d cannot be read, so nothing was written; the first is %v; mend or remove them, or go on "+
		"without them by --skip-unreadable", len(e.List), e.Sources, e.List[0])
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
	case o.Workers < 0:
		return fmt.Errorf("%d workers: it must be 1 or more, or 0 for one a processor", o.Workers)
	}
	return shard.CheckSplit(o.Out, o.Overwrite)
}

// find finds training and held-out files in one walk, so that a file that is in both counts as training data alone.
// From of a held-out file is len(paths) or more.
func (o Options) find(opts files.Options, paths []string) (found []files.File, left []files.LeftOut, err error) {
	opts.Out = o.outputs()
	return files.Find(opts, slices.Concat(paths, o.HeldOut))
}

// outputs are the directories that are written.
func (o Options) outputs() []string {
	return []string{o.Out, shard.TrainDir(o.Out), shard.ValidDir(o.Out)}
}

// goroutines is how many decode.
func (o Options) goroutines() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// list names things in an error: all of a few, or the first ones and how many more.
func list(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
