// Package data is the home of what turns raw files into the rows of a batch.
//
// [github.com/rondo-ml/rondo/data/files] finds the raw files. [github.com/rondo-ml/rondo/data/shard] cuts text into
// shards and reads shards back, every byte checked. [github.com/rondo-ml/rondo/data/cutting] turns everything else into
// sets of samples ([github.com/rondo-ml/rondo/data/samples]), by decoders that are functions of bytes alone, such as
// [github.com/rondo-ml/rondo/data/idx]. [github.com/rondo-ml/rondo/data/generated] makes images as they are asked for.
// [github.com/rondo-ml/rondo/data/augment] changes samples on their way into the network.
// [github.com/rondo-ml/rondo/data/survey] tells people what is in a set.
//
// All keep one rule: which bytes make a given row of a given step is a pure function of the data and the step, so no
// worker has to tell another where it is.
package data
