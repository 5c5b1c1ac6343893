// Package augment changes the samples of a training set a little, each time in another way, and makes network input of
// them.
//
// A [Pipeline] is a list of operations, parsed from one line of text:
//
//	random-resized-crop 64 scale=0.2..1, flip, color 0.4 0.4 0.4 0.1, randaugment 2 9, erase 0.25, mixup 0.2
//
// [Ops] lists the operations with their parameters. Operations on pictures come first, then erase, which works on
// normalized values, then mixup and cutmix, which work on the rows of a lane. Operations on sounds make pipelines of
// their own.
//
// # Bits
//
// A result is a pure function of the pipeline, the pixels and a [Key]: the run's seed, the epoch and the number of the
// sample. Every operation draws from a counter of its own, so what is done to a sample does not depend on workers,
// threads or other samples. Mixing takes the next row of the same lane, which one worker holds. Arithmetic is on
// integers, or on floats with every product rounded on its own, so every processor gives the same bits.
// [Pipeline.String] has every parameter: two pipelines with the same string do the same.
//
// # Pictures
//
// Pictures are 8-bit pixels [height, width, channels] of any size from 1×1. Operations equal those of torchvision on
// Pillow's images (Pillow 13, torchvision 0.29), given the same random numbers: to the bit, except where a comment says
// otherwise. A mask, one class number per pixel, goes through the same geometry and takes nearest pixels.
//
// # Evaluation
//
// [Pipeline.Evaluation] is the list without chance: a random resized crop becomes a resize of the short side and a crop
// of the middle, other random operations leave.
//
// # Memory
//
// A pipeline may be used by any number of goroutines at once. It keeps as much scratch memory as were at work at the
// same time, and in the steady state allocates nothing.
package augment
