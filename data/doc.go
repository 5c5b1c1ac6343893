// Package data is the home of what turns raw files into the rows of a batch.
//
// Its one part so far is [github.com/rondo-ml/rondo/data/shard]: the shard format, the cutting of
// text into shards, readers that check every byte they hand out, and the contiguous streams from
// which recurrent networks learn. Whatever is added here keeps the rule that part keeps: which
// bytes make a given row of a given step is a pure function of the data and the step, so no worker
// has to tell another where it is.
package data
