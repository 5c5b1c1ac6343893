package kernel

// ChannelRows is some rows of the operands of batch norm, [Rows, Cols] each, and a value for each channel: Mean, Scale, Shift,
// B, C, and the results Sums and Products. What a kernel does not use is nil, and so may be Add and DAdd.
type ChannelRows struct {
	X, Y, DY, DX, Add, DAdd                         []float32
	XStep, YStep, DYStep, DXStep, AddStep, DAddStep int       // from one row to the next
	Mean                                            []float32 // differences are taken to it
	Scale, Shift                                    []float32
	B, C                                            []float32
	Sums, Products                                  []float32
	Lo, Hi                                          float32 // of a rectifier: where it cuts; of its gradient: where it stops
	SetX, SetAdd                                    bool    // NormBack sets DX, DAdd, and does not add to them
	Rows, Cols                                      int
}

// Moments computes Sums += X - Mean and Products += (X - Mean)^2.
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

// Norm computes Y = cut(Scale*X + Shift + Add).
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

// pass is DY where the rectifier let the result through, else zero. The result is Y, or follows from X if Y is nil.
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

// NormSums computes Sums += g and Products += g*(X - Mean), with g = pass.
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

// NormBack computes DX += Scale*g + (B*X + C) and DAdd += g, with g = pass, or sets them.
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
