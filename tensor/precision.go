package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// Precision is what the operands of matrix products are and convolutions are rounded to. Sums are float32 always, and so
// is everything that is no product.
type Precision uint8

// The precisions.
const (
	Float32 Precision = iota
	BF16              // the upper half of a float32, rounded to nearest even
)

// SetPrecision makes p compute products, and pack their operands, in another precision; a new pool's is Float32.
// It must not be called beside anything else that uses p.
//
// In BF16 operands are rounded to bfloat16. An element of a product of matrices is a sum of blocks of 32 values of k: in each the
// even ones are one chain of fused multiply-adds that starts from zero, the odd ones are another, and their sum is added to c.
// These are the bits of the instruction TDPBF16PS of AMX. In a convolution every element is one chain over pairs of the input
// channels of one tap and group (of its outputs, backward): fma(a[1], b[1], c), then fma(a[0], b[0], c), then 3 and 2, 5 and 4,
// and so on. An odd last value stands alone. These are the bits of VDPBF16PS. In both, subnormal values, sums among them, are
// taken and left as zeros of their sign, and float32 instructions that flush them give the same bits. Convolutions with a
// group for every channel, and ConvBackWeights unless it is MatMulTransAdd, compute in float32.
func (p *Pool) SetPrecision(x Precision) { p.precision = x }

// Precision is that of p's products; a nil Pool's is Float32.
func (p *Pool) Precision() Precision {
	if p == nil {
		return Float32
	}
	return p.precision
}

// alone are the pools of one, by precision.
var alone = [...]*Pool{Float32: {size: 1}, BF16: {size: 1, precision: BF16}}

// Alone returns a pool of one goroutine, the caller's, with p's precision. Anybody may use it at once.
func (p *Pool) Alone() *Pool { return alone[p.Precision()] }

// layoutOf is the layout of a convolution's operands of some precision, for the tile of a tier.
func layoutOf(x Precision, on kernel.Tier) kernel.Layout {
	if x == Float32 {
		return kernel.Plain
	}
	return on.BF16Layout()
}

// productLayout is layoutOf for products of matrices.
func productLayout(x Precision, on kernel.Tier) kernel.Layout {
	if x == Float32 {
		return kernel.Plain
	}
	return on.BlockLayout()
}
