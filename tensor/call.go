package tensor

// call is the operands of one kernel, kept in the Pool so that sharing it out allocates nothing.
type call struct {
	run2   func(k *call, lo, hi int) // what to do with units [lo, hi)
	c      Matrix
	a, b   Blocks
	panels *Panels
	dst    []float32
	byCols bool // units are columns (or panels) instead of rows
}

func (k *call) run(lo, hi int) { k.run2(k, lo, hi) }

// kernelWork is how many multiply-adds (or as many bytes moved) repay waking a goroutine.
const kernelWork = 1 << 17

// grainFor is the least number of units worth a goroutine when each costs work.
func grainFor(work int) int { return max(1, kernelWork/max(1, work)) }

// share runs k over units [0, n), in this goroutine alone where the pool has no other.
func (k *call) share(pool *Pool, n, unitWork int) {
	if pool.Size() == 1 {
		k.run2(k, 0, n)
		return
	}
	pool.begin()
	defer pool.end()
	pool.call = *k
	pool.share(n, grainFor(unitWork), pool.kernel)
}
