package tensor

import "math"

// runGo is the plain-Go twin of the assembly: slow, bounds-checked, and the meaning of all of them.
func (t *tile) runGo(cols int) {
	if t.k0 <= 0 || t.k1 <= 0 {
		return
	}
	for p := range max(1, t.panels) {
		for i := range t.m {
			c, a, b := t.c[t.crows[i]+p*cols:][:cols], t.a[t.arows[i]:], t.b[p*t.bps:]
			if t.start != nil {
				copy(c, t.start[p*cols:][:cols])
			}
			for k1 := range t.k1 {
				for k0 := range t.k0 {
					if t.layout != plain {
						flushRow(c, a[k0*t.acs+k1*t.abs], b[k0*t.brs+k1*t.bbs:], t.layout)
						continue
					}
					fmaRow(c, a[k0*t.acs+k1*t.abs], b[k0*t.brs+k1*t.bbs:])
				}
			}
		}
	}
}

// runPlain computes the tile in plain Go.
func (t *tile) runPlain(on tier) {
	if on == tierGoFast && t.layout != paired {
		t.runFast()
		return
	}
	_, cols := on.shape()
	t.runGo(cols)
}

// fmaRow computes c[j] = FMA32(a, b[j], c[j]), with FMA32 written out for the compiler's sake.
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

// flushRow computes c[j] = fmaFlushed(a, b[j], c[j]), or that for the upper and then the lower half of a pair.
func flushRow(c []float32, a float32, b []float32, l layout) {
	b = b[:len(c)]
	if l == swapped {
		for j, z := range c {
			c[j] = fmaFlushed(a, b[j], z)
		}
		return
	}
	words, x := bitsOf(b), math.Float32bits(a)
	upper := func(w uint32) float32 { return math.Float32frombits(w &^ 0xffff) }
	for j, w := range words {
		c[j] = fmaFlushed(upper(x<<16), upper(w<<16), fmaFlushed(upper(x), upper(w), c[j]))
	}
}
