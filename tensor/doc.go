// Package tensor holds row-major float32 matrices and the kernels that compute on them.
//
// # Shapes
//
// Every activation is a Matrix of rows x features, channels last. A Matrix is a view: it copies nothing,
// and slicing rows or columns of it costs nothing. Blocks picks the rows of one lane out of a matrix in
// which the lanes take turns.
//
// # One kernel
//
// All matrix products run on one strided batch-reduce tile (internal/kernel): 8x32 in AVX-512, 6x16 in AVX2 and in NEON, and a
// plain-Go twin that is the oracle of the tests. The right operand is packed into Panels once, for all the
// products of a step. What is read of a panel at a time stays in L1 while the tiles of a column of the result use
// it, one below the other; a block of the left operand stays in L2, copied to where its rows lie well
// (matmul.go). Both operands of a transposed product are packed block by block (transmul.go).
//
// # Images
//
// A convolution reads its input in place, without im2col and without a halo (conv_route.go): output pixels that meet
// the same taps share tiles, whatever their rows and images, so that padding costs no multiplication and maps of 2x2
// fill their tiles. The gradient of the input is the same walk the other way, with a stride as so many phases. The
// gradient of the weights (conv_weights.go) packs the images of a group so that their pixels follow one another; few
// input channels (conv_joined.go), narrow products of one tap (conv_pointwise.go) and depthwise convolutions
// (conv_depthwise.go) have ways of their own, chosen by the shape alone. A pool may be told to transform 3x3 taps by
// Winograd's method where that saves enough (winograd.go). Pooling, rectifiers and batch norm go along rows;
// the sums of batch norm are formed by the convolution that writes the rows where that goes through them in order.
//
// # Bits
//
// Every element of a product is one chain of fused multiply-adds that starts from the value already in
// the destination and runs over k = 0, 1, 2, ... in order. Cutting k into blocks therefore changes
// nothing, and neither do the number of rows, the number of threads or the instruction set: the same
// operands give the same bits. A pool whose precision is BF16 rounds the operands first and takes k in pairs,
// with the same promise (Pool.SetPrecision). Element-wise functions use separately rounded multiplications and
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
