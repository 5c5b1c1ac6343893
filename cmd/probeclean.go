package cmd

import (
	"time"

	"github.com/rondo-ml/rondo/cmd/past"
	"github.com/rondo-ml/rondo/data/cutting"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// rawTexts are those that nothing was done to. Others are cleaned as the reviews of a set: see [cutting.ReviewsCleaning].
const rawTexts = "raw"

// cleaning is what is done to texts before they are read: what flags say, or else what was done to the text that was learnt.
func (o *probeFlags) cleaning(run string, m *checkpoint.Manifest) string {
	switch {
	case o.raw:
		return rawTexts
	case o.ascii:
		return cutting.CleanedASCII
	case !o.said["ascii"] && learntCleaning(run, m) == cutting.CleanedASCII:
		return cutting.CleanedASCII
	}
	return cutting.CleanedPaper
}

// learntCleaning is how the reviews that the run in a directory learns were cleaned; empty where its training set is not where it was, or no set of reviews.
func learntCleaning(run string, m *checkpoint.Manifest) string {
	runs, err := past.OpenAll([]string{run}, time.Now)
	if err != nil {
		return ""
	}
	_, fields := runs.Fields(runs.Names()[0])
	set, err := shard.Open(fields["data.train"])
	if err != nil || set.Hash() != m.DataHash {
		return ""
	}
	return cutting.ReviewsCleaning(set.Meta())
}

// cleanText is a text as the network is to read it.
func cleanText(cleaning, text string) []byte {
	if cleaning == rawTexts {
		return []byte(text)
	}
	return []byte(cutting.Review(cleaning, text))
}
