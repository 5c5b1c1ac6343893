// Package cutting turns raw data into shard sets of samples: MNIST-style files, CIFAR, folders of pictures (with masks or
// not), WebDataset tars, WAV files, tables of texts and numbers, and numbers over time.
//
// # The path of a cut
//
//		paths ──> find the sources ──> classes, schema ──> decode, on all processors ──> write in order ──> commit both sets
//		               │                                         │
//		               └── left out, with reasons                └── cannot be read, with reasons
//
//	 1. The sources are found ([github.com/rondo-ml/rondo/data/files]) and the classes are numbered before anything is
//	    decoded: the schema of a set is known from its first byte on.
//	 2. Sources are decoded by as many goroutines as there are processors. Their samples are written in the order of the
//	    sources, whatever finishes first: the same data give the same sets. No more than three sources for every goroutine
//	    are in memory.
//	 3. What cannot be read is gathered. If there is any, nothing is committed, and the error lists all of it; with
//	    SkipUnreadable the sets are made without.
//	 4. The training set and the held-out set are committed together ([shard.CommitSplit]), or neither is.
//
// # Going on
//
// A journal beside the sets says what became of each source. A cut that was stopped, by Ctrl-C, a kill or a loss of power,
// goes on when the same one is begun again: samples in whole blocks of the unfinished shards stand, the rest is decoded,
// and the files are those of an undisturbed cut. It is the same one if the options that decide bits are, this program, and
// path, size and time of every file that is read; another one begins anew and says so. Where every record gives one sample
// (MNIST-style files, CIFAR), the samples that stand say how far the cut came.
//
// Reviews ([Reviews]) are one text and no samples: it is cut in the order of the files and, with what stands not written
// again, read from the front. Text in files is cut by [shard.WriteText], which goes on in the same way.
//
// # Held out
//
// Data given as held out make the held-out set. Where there are none, a fraction of the training data is held out: a
// sample is, if the hash of its key says so, whatever other samples there are. A file that is in both counts as training
// data.
//
// # Classes
//
// Classes are numbered in natural order of their names: runs of digits count as numbers, so "2" comes before "10", and
// everything else compares byte by byte. The numbers are those of the training data: a held-out sample has the number of
// the training class of its name, and a name that no training data have is an error. The names stand in both sets.
package cutting
