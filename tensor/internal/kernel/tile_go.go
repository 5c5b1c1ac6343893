package kernel

import "math"

// runGo computes the first cols columns of every panel in plain Go: slow, with bounds checked. It is the definition that all
// assembly is tested against.
func (t *Tile) runGo(cols int) {
	if t.K0 <= 0 || t.K1 <= 0 {
		return
	}
	for p := range max(1, t.Panels) {
		for i := range t.Rows {
			c, a, b := t.C[t.CRow[i]+p*cols:][:cols], t.A[t.ARow[i]:], t.B[p*t.BPanel:]
			if t.Start != nil {
				copy(c, t.Start[p*cols:][:cols])
			}
			for k1 := range t.K1 {
				for k0 := range t.K0 {
					if t.Layout != Plain {
						flushRow(c, a[k0*t.AK0+k1*t.AK1], b[k0*t.BK0+k1*t.BK1:], t.Layout)
						continue
					}
					fmaRow(c, a[k0*t.AK0+k1*t.AK1], b[k0*t.BK0+k1*t.BK1:])
				}
			}
		}
	}
}

// runPlain computes t in plain Go, in the way of the tier.
func (t *Tile) runPlain(on Tier) {
	if on == GoFast && t.Layout != Paired {
		t.runFast()
		return
	}
	_, cols := on.Shape()
	t.runGo(cols)
}

// fmaRow computes c[j] = FMA32(a, b[j], c[j]). FMA32 is written out, as the compiler does not inline it.
func fmaRow(c []float32, a float32, b []float32) {
	b = b[:len(c)]
	x := float64(a)
	for j, z := range c {
		s := float64(x*float64(b[j])) + float64(z)
		if bits := math.Float64bits(s); bits<<lostBits == 1<<63 || bits<<1 < minNormal<<1 {
			c[j] = fmaOdd(a, b[j], z)
		} else {
			c[j] = float32(s)
		}
	}
}

// flushRow computes c[j] = FMAFlushed(a, b[j], c[j]); in the layout Paired for the upper and then for the lower halves.
func flushRow(c []float32, a float32, b []float32, l Layout) {
	b = b[:len(c)]
	if l == Swapped {
		for j, z := range c {
			c[j] = FMAFlushed(a, b[j], z)
		}
		return
	}
	words, x := bitsOf(b), math.Float32bits(a)
	for j, w := range words {
		c[j] = FMAFlushed(lowerBF16(x), lowerBF16(w), FMAFlushed(upperBF16(x), upperBF16(w), c[j]))
	}
}
