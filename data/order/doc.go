// Package order shuffles without a buffer: which item stands at a place of an
// epoch is a pure function of the seed, the epoch and the place.
//
// An [Order] is a keyed permutation of 0 … n-1. It is a Feistel network (Luby and
// Rackoff 1988) over the smallest even number of bits that hold n, with Philox as
// its round function; a value that is n or more goes through the network again
// until it is below (cycle walking, Black and Rogaway 2002). So each item stands
// at exactly one place, any worker can ask for any place in any order, and there
// is nothing to save.
package order
