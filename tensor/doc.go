// Package tensor holds row-major float32 matrices and the kernels that compute on them.
//
// # Shapes
//
// Every activation is a Matrix of rows x features, channels last. A Matrix is a view: it copies nothing,
// and slicing rows or columns of it costs nothing. Blocks picks the rows of one lane out of a matrix in
// which the lanes take turns.
//
// # Products of matrices
//
// All of them run on one small kernel, a tile of the result: 8x32 in AVX-512, 6x16 in AVX2 and in NEON. It is in
// internal/kernel, with a plain-Go twin that is the oracle of the tests. The right operand, [K, N], is packed into Panels once
// for all products of a step: [K, nr] for every nr columns, as many as a tile has. A block of the left operand stays in L2,
// copied or packed to where its rows lie well, and the part of a panel that is read at a time stays in L1 (matmul.go). Both
// operands of a transposed product are packed block by block (transmul.go).
//
// # Images
//
// An activation of images is [images*height*width, channels]. A convolution reads its input in place, without im2col and
// without a border of zeros: pixels that meet the same taps share tiles, whatever their rows and images, so padding costs no
// multiplication and maps of 2x2 fill their tiles (conv_route.go). There are several paths for outputs and for gradients of
// weights, for few channels, for one tap, for channels by themselves, for 3x3 taps by Winograd's method; conv_path.go has
// them all and chooses. Poolings, rectifiers and batch norm go along rows; the sums of batch norm are formed by the
// convolution that writes the rows, where it goes through them in order.
//
// # Bits
//
// Every element of a product is one chain of fused multiply-adds that starts from the value already in
// the destination and runs over k = 0, 1, 2, ... in order. Cutting k into blocks therefore changes
// nothing, and neither do the number of rows, the number of threads or the instruction set: the same
// operands give the same bits. A pool whose precision is BF16 rounds the operands first and adds in another
// order, with the same promise (Pool.SetPrecision). Element-wise functions use separately rounded multiplications and
// additions only, in one order. Sums over a slice use fixed blocks. The one thing left open is which NaN
// (its sign and payload) stands for a result that is not a number.
//
// # Errors
//
// A shape that does not fit panics, before anything is written: it is a bug of the caller. Nothing here
// skips zeros, so that NaN and infinities always propagate. Destinations come first. Element-wise
// destinations may be the same slice as a source; the destination of a matrix product may not overlap its
// operands.
//
// # Choosing the instruction set
//
// The best tier that processor and system support is chosen when the program starts; Tier tells its name.
// The environment variable RONDO_TIER (avx512, avx2, neon, go or go-fast) forces one, and TierError reports a name that
// is unknown or unavailable. go is exact and slow; go-fast rounds products before it adds them, which is several times
// as fast and gives bits of its own. Nothing chooses it unasked. The build tag purego leaves plain Go alone.
package tensor
