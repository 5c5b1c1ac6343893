package kernel

// ChannelRows is some rows of the operands of batch norm, with what belongs to a channel in mean, scale, shift, b, c, s and q.
// Operands that a kernel does not use, and the optional add and dadd, are nil.
type ChannelRows struct {
	X, Y, DY, DX, Add, DAdd                         []float32
	XStep, YStep, DYStep, DXStep, AddStep, DAddStep int
	Mean, Scale, Shift                              []float32 // mean: what differences are taken to
	B, C, Sums, Products                            []float32
	Lo, Hi                                          float32
	SetX, SetAdd                                    bool // of back: dx, dadd are set, not added to
	Rows, Cols                                      int
}

// Moments computes s += x - mean and q += (x - mean)^2.
func (d *ChannelRows) Moments() {
	j0 := vectorMoments(*d)
	for i := range d.Rows {
		for j := j0; j < d.Cols; j++ {
			v := d.X[i*d.XStep+j] - d.Mean[j]
			d.Sums[j] += v
			d.Products[j] = FMA32(v, v, d.Products[j])
		}
	}
}

// Norm computes y = cut(scale*x + shift + add).
func (d *ChannelRows) Norm() {
	j0 := vectorNorm(*d)
	for i := range d.Rows {
		for j := j0; j < d.Cols; j++ {
			v := FMA32(d.X[i*d.XStep+j], d.Scale[j], d.Shift[j])
			if d.Add != nil {
				v += d.Add[i*d.AddStep+j]
			}
			if v < d.Lo {
				v = d.Lo
			}
			if v > d.Hi {
				v = d.Hi
			}
			d.Y[i*d.YStep+j] = v
		}
	}
}

// pass is dy where y lets it pass, or the same before anything is cut off.
func (d *ChannelRows) pass(i, j int) float32 {
	var y float32
	if d.Y != nil {
		y = d.Y[i*d.YStep+j]
	} else {
		y = FMA32(d.X[i*d.XStep+j], d.Scale[j], d.Shift[j])
	}
	if y <= d.Lo || y >= d.Hi {
		return 0
	}
	return d.DY[i*d.DYStep+j]
}

// NormSums computes s += g and q += g*(x - mean).
func (d *ChannelRows) NormSums() {
	j0 := vectorNormSums(*d)
	for i := range d.Rows {
		for j := j0; j < d.Cols; j++ {
			g := d.pass(i, j)
			d.Sums[j] += g
			d.Products[j] = FMA32(g, d.X[i*d.XStep+j]-d.Mean[j], d.Products[j])
		}
	}
}

// NormBack computes dx += scale*g + (b*x + c), and dadd += g, or sets them.
func (d *ChannelRows) NormBack() {
	j0 := vectorNormBack(*d)
	for i := range d.Rows {
		for j := j0; j < d.Cols; j++ {
			g := d.pass(i, j)
			switch {
			case d.DAdd == nil:
			case d.SetAdd:
				d.DAdd[i*d.DAddStep+j] = g
			default:
				d.DAdd[i*d.DAddStep+j] += g
			}
			to := &d.DX[i*d.DXStep+j]
			v := FMA32(d.Scale[j], g, FMA32(d.B[j], d.X[i*d.XStep+j], d.C[j]))
			if !d.SetX {
				v += *to
			}
			*to = v
		}
	}
}
