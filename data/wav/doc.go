// Package wav decodes WAV files into samples of sound.
//
// [Decode] is a function of bytes. It takes PCM of 8, 16, 24 and 32 bits and floats of 32 and 64 bits, plain or in the
// extensible form, with any number of channels. Samples become float32 in [-1, 1): a PCM value is divided by 2 to the
// power of its bits less one, exactly but for PCM of 32 bits and floats of 64, which are rounded.
//
// [Sound.Mono] is the mean of the channels, summed in float64 in their order and rounded once.
//
// [Resampler] changes the rate of a sound.
//
// Memory is bounded by the length of the file: four bytes for every sample that is there.
package wav
