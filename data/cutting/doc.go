// Package cutting turns raw data into shard sets of samples: MNIST-style files and CIFAR.
//
// # The path of a cut
//
//  1. The sources are found and the classes are numbered: the schema of a set is known from its first byte on.
//  2. Samples are read and written in the order of the sources: the same data give the same sets. Memory does not depend
//     on how many there are.
//  3. The training set and the held-out set are committed together ([shard.CommitSplit]), or neither is.
//
// # Held out
//
// Data given as held out make the held-out set. Where there are none, a fraction of the training data is held out: a
// sample is, if the hash of its key says so, whatever other samples there are.
package cutting
