package tensor

// runGo is the plain-Go twin of the assembly: slow, bounds-checked, and the meaning of all of them.
func (t *tile) runGo(cols int) {
	for i := range t.m {
		c := t.c[i*t.cs:][:cols]
		for k1 := range t.k1 {
			for k0 := range t.k0 {
				a := t.a[i*t.ars+k0*t.acs+k1*t.abs]
				b := t.b[k0*t.brs+k1*t.bbs:][:len(c)]
				for j := range c {
					c[j] = FMA32(a, b[j], c[j])
				}
			}
		}
	}
}
