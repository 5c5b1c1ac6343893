// Package tensorboard writes event files, which TensorBoard and what reads its
// files show: scalars by step, and texts.
//
// A file is records, each an Event of TensorFlow's event.proto between its
// length and CRC-32C checksums. testdata/read.py reads one with TensorBoard's own
// reader; the known file of the tests was checked with it.
package tensorboard
