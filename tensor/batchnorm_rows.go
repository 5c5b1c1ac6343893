package tensor

// channelRows is some rows of the operands of batch norm, with what belongs to a channel in mean, scale, shift, b, c, s and q.
// Operands that a kernel does not use, and the optional add and dadd, are nil.
type channelRows struct {
	x, y, dy, dx, add, dadd       []float32
	xs, ys, dys, dxs, adds, dadds int
	mean, scale, shift            []float32 // mean: what differences are taken to
	b, c, s, q                    []float32
	lo, hi                        float32
	setX, setAdd                  bool // of back: dx, dadd are set, not added to
	rows, cols                    int
}

// moments computes s += x - mean and q += (x - mean)^2, for columns from j0 on.
func (d *channelRows) moments(j0 int) {
	for i := range d.rows {
		for j := j0; j < d.cols; j++ {
			v := d.x[i*d.xs+j] - d.mean[j]
			d.s[j] += v
			d.q[j] = FMA32(v, v, d.q[j])
		}
	}
}

// norm computes y = cut(scale*x + shift + add).
func (d *channelRows) norm(j0 int) {
	for i := range d.rows {
		for j := j0; j < d.cols; j++ {
			v := FMA32(d.x[i*d.xs+j], d.scale[j], d.shift[j])
			if d.add != nil {
				v += d.add[i*d.adds+j]
			}
			if v < d.lo {
				v = d.lo
			}
			if v > d.hi {
				v = d.hi
			}
			d.y[i*d.ys+j] = v
		}
	}
}

// pass is dy where y lets it pass, or the same before anything is cut off.
func (d *channelRows) pass(i, j int) float32 {
	var y float32
	if d.y != nil {
		y = d.y[i*d.ys+j]
	} else {
		y = FMA32(d.x[i*d.xs+j], d.scale[j], d.shift[j])
	}
	if y <= d.lo || y >= d.hi {
		return 0
	}
	return d.dy[i*d.dys+j]
}

// sums computes s += g and q += g*(x - mean).
func (d *channelRows) sums(j0 int) {
	for i := range d.rows {
		for j := j0; j < d.cols; j++ {
			g := d.pass(i, j)
			d.s[j] += g
			d.q[j] = FMA32(g, d.x[i*d.xs+j]-d.mean[j], d.q[j])
		}
	}
}

// back computes dx += scale*g + (b*x + c), and dadd += g, or sets them.
func (d *channelRows) back(j0 int) {
	for i := range d.rows {
		for j := j0; j < d.cols; j++ {
			g := d.pass(i, j)
			switch {
			case d.dadd == nil:
			case d.setAdd:
				d.dadd[i*d.dadds+j] = g
			default:
				d.dadd[i*d.dadds+j] += g
			}
			to := &d.dx[i*d.dxs+j]
			v := FMA32(d.scale[j], g, FMA32(d.b[j], d.x[i*d.xs+j], d.c[j]))
			if !d.setX {
				v += *to
			}
			*to = v
		}
	}
}
