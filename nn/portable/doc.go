// Package portable has functions of numbers with the same bits on every
// processor.
//
// The functions of package math may use other instructions, and so give other
// last bits, on another architecture. What reaches the weights, or is reported as
// a result of a run, goes through these instead: basic operations in a fixed
// order, each rounded by itself. Explicit conversions keep the compiler from
// fusing a product with a sum. Errors are a few units in the last place.
package portable
