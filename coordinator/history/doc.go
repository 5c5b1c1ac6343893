// Package history keeps the curves of a run so that nothing is hidden at any
// zoom, in bounded memory.
//
// A point is a step with a value for each column: loss, norm, rate and so on.
// A History is a pyramid over the points of a run. Its lowest level has every
// step. Each level above has buckets of 16 times as many steps: 16, 256, 4096
// and on, and knows of every bucket and column the smallest and the largest
// value, the sum, the last one, and how many were not finite. So one spike, or
// one NaN, among a million steps is seen however far one is away.
//
//	level 0   one step       newest 1,048,576 steps, 44 bytes each with 8 columns
//	level 1   16 steps       newest 65,536 buckets, 236 bytes each
//	level 2   256 steps      newest 65,536 buckets: 16 million steps
//	…
//
// A level drops its oldest blocks when it has too many; whoever asks for what
// it dropped is answered from the level above. A million steps of the eight
// columns of a run take about 62 MB, any number of them less than 160 MB.
//
// Series answers a range of steps in at most so many buckets of 2^k steps, all
// aligned to their size: two answers of the same width have the same buckets.
//
// Values are float32, as what they are computed from. A column may have no
// value at a step (None), which is not the same as a value that is not finite.
//
// A History may be used by several goroutines at once.
package history
