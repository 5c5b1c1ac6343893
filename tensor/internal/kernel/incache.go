package kernel

// TileInCache returns a function that runs the one kernel under every matrix product once, on operands that
// stay in the first cache, and the floating-point operations of a run (a multiply-add is two). Its speed
// against that of Ceiling says how good the kernel itself is, whatever is done around it.
func TileInCache() (run func(), flops int) {
	const k = 256
	on := Active
	mr, nr := on.Shape()
	c, a, b := AlignedSlice(mr*nr), AlignedSlice(mr*k), AlignedSlice(k*nr)
	Fill(a, 0.5)
	Fill(b, 0.25)
	t := &Tile{C: c, A: a, AK0: 1, B: b, BK0: nr, K0: k, K1: 1, Rows: mr}
	t.EvenRows(k, nr)
	return func() { t.Run(on) }, 2 * mr * nr * k
}
