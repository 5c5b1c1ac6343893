package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// Each pass of a convolution can be computed along several paths. Which one it takes is decided in this file alone, from
// the shape, the number of images, the tier, and the pool's precision and method.
//
// Outputs (Conv, ConvBackData) have the same bits along all paths but Winograd's. Gradients of the weights have sums over
// pixels, whose order is the path's: viaPacked with viaGroups, viaJoined with viaStrips, viaDepthwise, viaProduct with viaInPlace, and
// viaTransforms are five orders. What tells these five apart is fixed for good, and may depend on the shape, the precision
// and the method only; what tells the rest apart is a matter of speed.

// outputPath is how Conv computes y, and ConvBackData dx.
type outputPath uint8

const (
	// byPixels: the rows of a tile are pixels, its columns output channels (conv_gather.go).
	byPixels outputPath = iota
	// byImages: the rows of a tile are output channels, its columns images (conv_beside.go).
	byImages
	// byChannels: every channel by itself, without tiles (conv_depthwise.go).
	byChannels
	// byGroups: groups of channels side by side (conv_groups.go).
	byGroups
	// groupByGroup: byPixels, one group of channels at a time (conv_group_by_group.go).
	groupByGroup
	// bySquares: Winograd's method, on squares of 2x2 outputs (winograd_run.go).
	bySquares
)

func (p outputPath) String() string {
	return [...]string{"by pixels", "by images", "by channels", "by groups", "group by group", "by squares"}[p]
}

// outputPath is how k's outputs are computed. sums tells whether a norm's sums over the outputs are wanted as well.
func (k *convCall) outputPath(sums bool) outputPath {
	switch {
	case k.w.winograd: // decided by winogradSuits when the weights were packed
		return bySquares
	case k.w.conv.isDepthwise():
		return byChannels
	case k.w.grouped: // decided by suitsGroups when the weights were packed
		return byGroups
	case k.gathersGroups():
		return groupByGroup
	case !sums && k.suitsImages():
		return byImages
	}
	return byPixels
}

// besideValues is the most values of an image whose block is transposed, so that the block stays in L2 (256 KB in AVX2).
const besideValues = 4096

// suitsImages tells whether k has too few output channels to fill the columns of a tile, and enough images to do so.
func (k *convCall) suitsImages() bool {
	mr, nr := k.w.on.Shape()
	r := k.w.route()
	return k.w.layout == kernel.Plain && k.w.on.HasVectors() && r.groups == 1 && r.cout <= mr && r.kh*r.kw >= 9 &&
		r.x.step == 1 && r.inH*r.inW*r.cin <= besideValues && 2*k.n >= nr
}

// poolsOnTheWay tells whether the maxima over s can be taken before k's outputs are stored.
func (k *convCall) poolsOnTheWay(s *Pooling) bool {
	return s.tiles() && s.covers() && k.w.on.FillsWindows() && k.outputPath(false) == byImages
}

// gradientPath is how ConvBackWeights computes dw.
type gradientPath uint8

const (
	// viaPacked: one transposed product for each tap, of packed operands (conv_weights.go).
	viaPacked gradientPath = iota
	// viaJoined: the rows of a tile are taps and input channels, its columns output channels (conv_weights_joined.go).
	viaJoined
	// viaStrips: the rows of a tile are output channels, its columns taps and input channels (conv_weights_strips.go).
	viaStrips
	// viaDepthwise: every channel by itself, without tiles (conv_depthwise.go).
	viaDepthwise
	// viaGroups: groups of channels side by side, in the order of viaPacked (conv_weights_groups.go).
	viaGroups
	// viaProduct: one tap makes it MatMulTransAdd (transmul.go).
	viaProduct
	// viaInPlace: the same, with both operands read where they are (conv_weights_pointwise.go).
	viaInPlace
	// viaTransforms: Winograd's method (winograd_weights.go).
	viaTransforms
)

func (p gradientPath) String() string {
	return [...]string{"packed", "joined", "strips", "depthwise", "groups", "product", "in place", "transforms"}[p]
}

// gradientPath is how p computes the gradient of c's weights.
func (p *Pool) gradientPath(c *Conv) gradientPath {
	switch {
	case p.winogradSuits(c.forward):
		return viaTransforms
	case c.isPointwise() && p.readsInPlace(c):
		return viaInPlace
	case c.isPointwise():
		return viaProduct
	case c.isDepthwise():
		return viaDepthwise
	case p.suitsGroups(c):
		return viaGroups
	case c.joinsTaps() && c.suitsStrips():
		return viaStrips
	case c.joinsTaps():
		return viaJoined
	}
	return viaPacked
}

// isDepthwise tells whether every channel is a group of its own, with one output channel.
func (c *Conv) isDepthwise() bool { return c.Groups == c.Cin && c.Cout == c.Cin && c.Cin > 1 }

// suitsGroups tells whether p computes the passes of c with its groups side by side: many groups, each of so few channels,
// on either side, that half of a tile's columns would be empty: of one of 16 columns, which AVX-512 has besides its own.
func (p *Pool) suitsGroups(c *Conv) bool {
	_, nr := kernel.Active.Shape()
	return c.Groups > 1 && c.Groups%kernel.DepthwiseChannels == 0 && 2*max(c.cinGroup, c.coutG) <= min(nr, 16) && !c.isDepthwise() &&
		kernel.Active.HasVectors() && layoutOf(p.Precision(), kernel.Active) == kernel.Plain
}

// isPointwise tells whether the convolution is a plain product of matrices: one tap, no stride, padding or groups.
func (c *Conv) isPointwise() bool {
	return c.KH*c.KW == 1 && c.StrideH*c.StrideW == 1 && !c.isPadded() && c.Groups == 1
}

// isPadded tells whether there are zeros around the input.
func (c *Conv) isPadded() bool { return c.PadH|c.PadW|c.MoreH|c.MoreW != 0 }

// fewChannels is the number of input channels below which the taps of a row are taken together. It decides bits, and is
// fixed for good.
const fewChannels = 16

// joinsTaps tells whether c has so few input channels that those of all taps of a row make one stretch of columns.
func (c *Conv) joinsTaps() bool { return c.Cin < fewChannels && c.Groups == 1 && c.DilationW == 1 }

// suitsStrips tells whether c's output channels are no more than a tile has rows.
func (c *Conv) suitsStrips() bool {
	mr, _ := kernel.Active.Shape()
	return c.Cout <= mr && kernel.Active.HasVectors()
}

// narrowPointwise is the most channels on the narrower side for which the gradient of one tap's weights reads both
// operands in place: packing them would cost more than it saves.
const narrowPointwise = 32

// readsInPlace tells whether a tile can read x where it is: rounded operands need packing, and a last panel that is not
// whole must be so narrow that a tile reads no more of it.
func (p *Pool) readsInPlace(c *Conv) bool {
	_, nr := kernel.Active.Shape()
	l := layoutOf(p.Precision(), kernel.Active)
	return l == kernel.Plain && min(c.Cin, c.Cout) <= narrowPointwise && c.Cin%nr <= kernel.Active.Narrow(l)
}

// leastWinograd is the fewest channels, on either side, for Winograd's method: with fewer, the transforms cost what the
// multiplications save. It decides bits, and is fixed for good.
const leastWinograd = 32

// winogradSuits tells whether p computes a pass along r by Winograd's method.
func (p *Pool) winogradSuits(r *route) bool {
	return p.ConvMethod() == Winograd && p.Precision() == Float32 && r.patches.suits
}

// suitsWinograd tells whether Winograd's method applies to c at all, and saves a fifth of the multiplications of r or more.
func (c *Conv) suitsWinograd(r *route, squares int) bool {
	applies := c.KH == 3 && c.KW == 3 && c.StrideH*c.StrideW*c.DilationH*c.DilationW*c.Groups == 1
	return applies && min(c.Cin, c.Cout) >= leastWinograd && 5*16*squares <= 4*r.cost(1)
}
