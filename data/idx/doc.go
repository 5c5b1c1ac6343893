// Package idx reads idx files, the format of MNIST, Fashion-MNIST and EMNIST, packed by gzip or not.
//
// An idx file is an array: two zero bytes, a byte for the type of its elements, a byte for the number of dimensions, each
// dimension as a big-endian uint32, then the elements. Whether it is packed is told by its content, not by its name.
//
// A [Reader] holds one item at a time, so memory does not depend on what a header claims. EMNIST stores its images
// transposed: rows and columns are exchanged.
package idx
