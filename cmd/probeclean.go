package cmd

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/rondo-ml/rondo/cmd/past"
	"github.com/rondo-ml/rondo/data/cutting"
	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// rawTexts are those that nothing was done to. Others are cleaned as the reviews of a set: see [cutting.ReviewsCleaning].
const rawTexts = "raw"

// cleaning is what is done to texts before they are read: what flags say, or else what was done to the text that was learnt.
func (o *probeFlags) cleaning(errout io.Writer, run string, m *checkpoint.Manifest) string {
	switch {
	case o.raw:
		return rawTexts
	case o.ascii:
		return cutting.CleanedASCII
	case o.said["ascii"]:
		return cutting.CleanedPaper
	}
	return learntCleaning(errout, run, m, "; --ascii or --ascii=false says how")
}

// learntCleaning is how the reviews were cleaned that the run in a directory learnt: its checkpoint says so; of an earlier release its
// training set does. Without either it says what to do, and takes the paper's.
func learntCleaning(errout io.Writer, run string, m *checkpoint.Manifest, toDo string) string {
	if len(m.Data) > 0 || m.DataHash == "" { // published weights learnt what the paper cleaned
		return cmp.Or(cutting.ReviewsCleaning(m.Data), cutting.CleanedPaper)
	}
	set := "the training set"
	if runs, err := past.OpenAll([]string{run}, time.Now); err == nil {
		_, fields := runs.Fields(runs.Names()[0])
		found, err := shard.Open(fields["data.train"])
		if err == nil && found.Hash() == m.DataHash {
			return cmp.Or(cutting.ReviewsCleaning(found.Meta()), cutting.CleanedPaper)
		}
		if path := fields["data.train"]; path != "" && path != "unknown" {
			set += " " + objects.Shown(path)
		}
	}
	voice{w: errout}.say(slog.LevelWarn, fmt.Sprintf("%s of step %d is not there, and its checkpoint does not say how reviews were cleaned: texts are cleaned as by shard reviews without --ascii%s", set, m.Step, toDo))
	return cutting.CleanedPaper
}

// cleanText is a text as the network is to read it.
func cleanText(cleaning, text string) []byte {
	if cleaning == rawTexts {
		return []byte(text)
	}
	return []byte(cutting.Review(cleaning, text))
}
