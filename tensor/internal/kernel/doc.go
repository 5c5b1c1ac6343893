// Package kernel holds the innermost loops of package tensor: functions of slices and strides, in assembly and in plain Go.
// It knows no Matrix and no Pool, checks no lengths and starts no goroutine: tensor does all three.
//
// # What is here
//
//	tile.go         the product of a few rows and columns, under every matrix product and convolution (Tile)
//	tile_edge.go    the same with fewer columns than a tile has; tile_column.go: many tiles below one another
//	tier.go         the instruction sets (Tier), and the one in use (Active)
//	dispatch_*.go   which assembly a tier runs for a tile
//	bf16.go         operands in bfloat16 (Layout)
//	blocktile.go    products of matrices in bfloat16 (BlockTile); amx_linux_amd64.go: whether we have tiles for them
//	pack.go         copies operands to where tiles read them; transpose_to.go
//	depthwise.go    convolutions that have one channel to a group
//	winograd_plain.go  the transforms of Winograd's method
//	batchnorm_rows.go, pooling_taps.go, stencil.go, cut.go  rows of images: norms, windows, weighted sums of pixels, rectifiers
//	rownorm.go      norms along rows
//	elementwise.go, hinge.go, roots.go, exp.go, erf.go, gates.go, softmax.go, losses.go, sums.go, optimize.go, philox.go,
//	normal.go       functions of slices
//	activations_*.go  functions that package tensor makes of those, as one loop
//
// # How a kernel is written
//
// Its plain-Go loop says what it computes, and is the oracle of the tests. Where a tier has assembly for it, the loop
// starts where that ends:
//
//	func Exp(dst, src []float32) {
//		for i := vectorExp(dst, src); i < len(src); i++ {
//			dst[i] = ExpOf(src[i])
//		}
//	}
//
// vectorExp runs the assembly over as many whole vectors as there are and returns how many values these were: none in plain
// Go. There is one in NAME_amd64.go, in NAME_arm64.go where arm64 has that assembly, and in NAME_go.go for the other
// builds, which the build tag purego is too. The assembly is in NAME_avx2_amd64.s, NAME_avx512_amd64.s and NAME_arm64.s, and
// a stub beside vectorExp says which Go loop each routine replaces. Routines that have many operands take a pointer to a
// struct of them, whose fields they find by the offsets in go_asm.h, which the compiler writes.
//
// # Bits
//
// All tiers but GoFast give the same bits: a product is one chain of fused multiply-adds for every element, and everything
// else rounds each operation by itself in one order. Package tensor has the whole promise.
package kernel
