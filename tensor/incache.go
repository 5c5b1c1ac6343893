package tensor

// TileInCache returns a function that runs the one kernel under every matrix product once, on operands that
// stay in the first cache, and the floating-point operations of a run (a multiply-add is two). Its speed
// against that of Ceiling says how good the kernel itself is, whatever is done around it.
func TileInCache() (run func(), flops int) {
	const k = 256
	on := active
	mr, nr := on.shape()
	c, a, b := AlignedSlice(mr*nr), AlignedSlice(mr*k), AlignedSlice(k*nr)
	Fill(a, 0.5)
	Fill(b, 0.25)
	t := &tile{c: c, a: a, acs: 1, b: b, brs: nr, k0: k, k1: 1, m: mr}
	t.stride(k, nr)
	return func() { t.run(on) }, 2 * mr * nr * k
}
