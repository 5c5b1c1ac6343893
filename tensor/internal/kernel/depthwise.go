package kernel

// DepthwiseChannels is how many channels the assembly takes at a time.
const DepthwiseChannels = 16

// Later is rows of x and y that are needed soon, to be fetched meanwhile: several rows are read at a time, which is more than
// the hardware foresees.
type Later struct{ X, Y []float32 }

// DepthwiseRow is a row of N pixels of a depthwise convolution, which meet the same K1 rows of K0 taps. For every pixel i and
// channel j:
//
//	Y[i*YStep + j]  +=  sum over k1, k0 of X[i*XStep + k1*XK1 + k0*XK0 + j] * W[k1*WK1 + k0*WK0 + j]
//
// Each element is one chain of fused multiply-adds over k1, and k0 within it, that starts from Y or, where
// Start is not nil, from Start[j].
type DepthwiseRow struct {
	Y, X, W, Start []float32
	YStep, XStep   int
	XK0, XK1       int
	WK0, WK1       int
	K0, K1, N      int
	Later          Later

	paceX, paceY int // cache lines of Later that are fetched with every few pixels of a group of channels
	groups       int // of DepthwiseChannels channels, for the assembly
}

// Run computes channels [0, channels).
func (d *DepthwiseRow) Run(channels int) {
	done := 0
	if d.K0 > 0 && d.K1 > 0 {
		done = d.vector(channels)
	}
	d.runGo(done, channels)
}

// runGo computes channels [from, to).
func (d *DepthwiseRow) runGo(from, to int) {
	for i := range d.N {
		for j := from; j < to; j++ {
			sum := d.Y[i*d.YStep+j]
			if d.Start != nil {
				sum = d.Start[j]
			}
			for k1 := range d.K1 {
				for k0 := range d.K0 {
					sum = FMA32(d.X[i*d.XStep+k0*d.XK0+k1*d.XK1+j], d.W[k0*d.WK0+k1*d.WK1+j], sum)
				}
			}
			d.Y[i*d.YStep+j] = sum
		}
	}
}

// DepthwiseWeights is the gradient of the weights of TapRows rows of Taps taps, 3 at most, from a row of N pixels. For every
// tap (t1, t) and channel j:
//
//	Sums[t1*SumRow + t*SumTap + j]  +=  sum over i of DY[i*DYStep + j] * X[i*XStep + t1*XRow + t*XTap + j]
type DepthwiseWeights struct {
	Sums, DY, X      []float32
	DYStep, XStep    int
	XTap, SumTap     int
	XRow, SumRow     int
	Taps, TapRows, N int

	AheadX, AheadY int // from a pixel of X, or DY, to what is needed soon and fetched; zero where that is in cache
	groups         int // of DepthwiseChannels channels, for the assembly
}

// Run computes channels [0, channels).
func (d *DepthwiseWeights) Run(channels int) { d.runGo(d.vector(channels), channels) }

// runGo computes channels [from, to).
func (d *DepthwiseWeights) runGo(from, to int) {
	for t1 := range d.TapRows {
		for t := range d.Taps {
			for j := from; j < to; j++ {
				sum := d.Sums[t1*d.SumRow+t*d.SumTap+j]
				for i := range d.N {
					sum = FMA32(d.DY[i*d.DYStep+j], d.X[i*d.XStep+t1*d.XRow+t*d.XTap+j], sum)
				}
				d.Sums[t1*d.SumRow+t*d.SumTap+j] = sum
			}
		}
	}
}
