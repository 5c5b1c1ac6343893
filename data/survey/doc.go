// Package survey tells what is in a shard set: how many samples and of which classes, how large pictures and how long
// sounds and texts are, and the mean and the deviation of what they are made of; and it draws a sheet of examples.
//
// [Read] goes through the whole set once, on all processors, with a few blocks of it in memory. What it says is exact:
// counts and medians of all samples, none drawn. Sums of integers are sums of integers; those of floats are taken in
// the order of the samples, so that the same set has the same figures wherever it is read.
//
// # Channels
//
// The last dimension of a part, if it does not differ from sample to sample, is its channels: red, green and blue of a
// picture, the columns of a table. Mean and deviation are of each, over everything else; the deviation is that of the
// population (divided by n). Pixels count from 0 to 1 and sounds of int16 from -1 to 1, as networks are given them.
package survey
