package kernel

// runFast is runGo(16) that rounds products before it adds them and keeps subnormal values. It computes two rows by four
// columns at a time: the compiler keeps their sums in registers.
func (t *Tile) runFast() {
	const cols = 16
	if t.K0 <= 0 || t.K1 <= 0 {
		return
	}
	for p := range max(1, t.Panels) {
		b := t.B[p*t.BPanel:]
		if t.Start != nil {
			for i := range t.Rows {
				copy(t.C[t.CRow[i]+p*cols:][:cols], t.Start[p*cols:])
			}
		}
		for i := 0; i < t.Rows; i += 2 {
			j := min(i+1, t.Rows-1) // an odd last row is computed twice
			c, d := t.C[t.CRow[i]+p*cols:][:cols], t.C[t.CRow[j]+p*cols:][:cols]
			for q := 0; q < cols; q += 4 {
				t.fast((*[4]float32)(c[q:]), (*[4]float32)(d[q:]), t.A[t.ARow[i]:], t.A[t.ARow[j]:], b[q:])
			}
		}
	}
}

// fast adds to four columns of the rows c and d, which may be one.
func (t *Tile) fast(c, d *[4]float32, a, e, b []float32) {
	c0, c1, c2, c3 := c[0], c[1], c[2], c[3]
	d0, d1, d2, d3 := d[0], d[1], d[2], d[3]
	for k1 := range t.K1 {
		at, bt := k1*t.AK1, k1*t.BK1
		for range t.K0 {
			x, y, w := a[at], e[at], (*[4]float32)(b[bt:])
			c0 += float32(x * w[0])
			c1 += float32(x * w[1])
			c2 += float32(x * w[2])
			c3 += float32(x * w[3])
			d0 += float32(y * w[0])
			d1 += float32(y * w[1])
			d2 += float32(y * w[2])
			d3 += float32(y * w[3])
			at += t.AK0
			bt += t.BK0
		}
	}
	*d = [4]float32{d0, d1, d2, d3}
	*c = [4]float32{c0, c1, c2, c3}
}
