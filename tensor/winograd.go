package tensor

// Convolutions of 3x3 taps, stride one, no dilation and no groups can be computed by Winograd's minimal filtering
// F(2x2, 3x3): Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016), arXiv:1509.09308. The
// outputs are cut into squares of 2x2. With d the patch of 4x4 inputs that such a square meets (off the image they
// are zero) and g the taps of one pair of channels,
//
//	y = AT [ (G g GT) * (BT d B) ] A        summed over input channels within the brackets, * by element
//
//	     1  0 -1  0           1   0   0           1  1  1  0
//	BT = 0  1  1  0      G =  ½   ½   ½      AT = 0  1 -1 -1
//	     0 -1  1  0           ½  -½   ½
//	     0  1  0 -1           0   0   1
//
// so that the sums over channels are sixteen products of matrices, one for each element of a patch: 16
// multiplications instead of 36 for four outputs and a pair of channels. The gradient of the input is the same with
// the taps turned about and swapped. That of the weights is the transpose: it sums over patches, with dy the square
// of the gradient,
//
//	dw = GT [ (A' dy A'T) * (BT d B) ] G'
//
// where A' and G' are A and GT with the signs of the last row of AT left out and put into G'. What is added and
// multiplied in which order is defined in winograd_plain.go.

// ConvMethod is how a pool computes convolutions.
type ConvMethod uint8

// The methods.
const (
	Direct   ConvMethod = iota
	Winograd            // of those convolutions that it suits; the others are computed directly
)

// SetConvMethod makes p compute convolutions by another method; a new pool's is Direct. What Conv and ConvBackData do
// was decided when their weights were packed. It must not be called beside anything else that uses p.
//
// Winograd takes convolutions of 3x3 taps with stride, dilation and groups of one, 32 or more channels on either side
// and maps on which it saves a fifth of the multiplications or more (Suits), in Float32 only. Its bits are others
// than those of Direct, and no less a function of the operands alone: a sum of a transformed element is one chain of
// fused multiply-adds from zero over the input channels (of dy's, backward), or over the patches of all images, in
// order, for the gradient of the weights. A value that is not finite may show in all outputs whose patch holds it.
func (p *Pool) SetConvMethod(m ConvMethod) { p.method = m }

// ConvMethod is that of p's convolutions; a nil Pool's is Direct.
func (p *Pool) ConvMethod() ConvMethod {
	if p == nil {
		return Direct
	}
	return p.method
}

// patchwork is how the outputs of a route are cut into squares.
type patchwork struct {
	down, across int  // squares of an image
	padH, padW   int  // from the first output of a square back to the first input of its patch
	suits        bool // suitsWinograd, which is asked once
}

// count is the squares of an image.
func (w *patchwork) count() int { return w.down * w.across }

// square is where square i lies, counted over all images: its image, and its upper left output there.
func (w *patchwork) square(i int) (image, y, x int) {
	q := i % w.count()
	return i / w.count(), q / w.across * 2, q % w.across * 2
}

// patchwork cuts up the outputs of r, whose patches begin pad before them.
func (r *route) patchwork(c *Conv, padH, padW int) patchwork {
	w := patchwork{down: (r.outH + 1) / 2, across: (r.outW + 1) / 2, padH: padH, padW: padW}
	w.suits = c.suitsWinograd(r, w.count())
	return w
}

// Suits tells whether a pool that computes by Winograd does so for c: forward and for the gradient of the weights,
// and for that of the input.
func (c *Conv) Suits() (forward, backward bool) {
	return c.forward.patches.suits, c.backward.patches.suits
}

// lay sets at to where the pixels of a square of side x side from (y, x) on lie in an image of h x w, whose rows in
// memory are stride apart; pixels off the image are at -1.
func lay(at []int, side, image, y, x, h, w, stride int) {
	for i := range side {
		for j := range side {
			at[i*side+j] = -1
			if v, u := y+i, x+j; uint(v) < uint(h) && uint(u) < uint(w) {
				at[i*side+j] = ((image*h+v)*w + u) * stride
			}
		}
	}
}
