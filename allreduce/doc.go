// Package allreduce sums gradients around a ring of workers, to the same bits
// on any number of them.
package allreduce
