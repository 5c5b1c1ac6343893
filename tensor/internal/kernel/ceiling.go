package kernel

// ceilingChains is how many independent multiply-adds a round of the ceiling loop holds.
const ceilingChains = 12

// Ceiling runs about flops floating-point operations (a multiply-add is two) on one core, on the tier in
// use and out of registers alone, and returns how many it ran. Time it: no kernel can be faster, so its
// speed is what theirs are measured against.
func Ceiling(flops int) int {
	const piece = 1 << 14 // rounds in one uninterruptible call
	perRound := 2 * ceilingChains * tiers[Active].lanes
	rounds := flops/perRound + 1
	for n := rounds; n > 0; n -= piece {
		ceiling(Active, min(n, piece))
	}
	return rounds * perRound
}

// ceilingGo is the loop in plain Go.
func ceilingGo(on Tier, n int) float32 {
	var c [ceilingChains]float32
	for range n {
		if !on.Exact() {
			for i := range c {
				c[i] += float32(c[i] * 0.5)
			}
			continue
		}
		for i := range c {
			c[i] = FMA32(1, 1, c[i])
		}
	}
	return c[0]
}
