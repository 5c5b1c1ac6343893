package kernel

// What the tests of this package look at.
var (
	ChooseTier = chooseTier
	Log        = log
	Turn       = turn
	Flushed    = flushed
	BF16Bits   = bf16Bits
	RoundAll   = roundBF16
	SwapBF16   = swapBF16
	PairBF16   = pairBF16
	PairRows   = pairRows
	BitsOf     = bitsOf
)
