package kernel

// BlockTile is the operands of a product in bfloat16: a tile of C, Rows rows by as many columns as the tier's tile has.
//
//	C[i*CStride + j]  +=  sum over k < K of  A[i, k] * B[k, j]
//
// The sum is one of blocks of BlockK values of k, in order. In a block the even k are one chain of fused multiply-adds
// that starts from zero, the odd ones another one, and their sum is added to C. Subnormal values are taken and left as zeros.
// These are the bits of TDPBF16PS of AMX, whose tiles of 16x16 take a block at a time.
//
// Where the operands are says the layout. Split: A is [K, mr] and B [K, nr], of float32 values, with the even k of a block
// before the odd ones, which are as many. Tiled: A is rows AStride words apart, and B is [K/2, nr] words, of two bfloat16 each,
// and the last block is whole.
type BlockTile struct {
	C, A, B []float32
	Start   []float32 // unless it is nil, a row from which sums start instead of from C
	CStride int
	AStride int // of Tiled
	K       int // Layout.Room of what there is
	Rows    int // mr at most; in Tiled any number, of tiles below one another

	Next   []float32 // what is needed soon, or nil
	config *byte     // of Tiled: what LDTILECFG reads
}

// BlockK is how many values of k make a block.
const BlockK = 32

// BlockLayouts tells the layout of products in bfloat16 for each tier. Only tests change it.
var BlockLayouts [len(tiers)]Layout

func init() {
	for t := range BlockLayouts {
		BlockLayouts[t] = Split
	}
	if hasAMX() {
		BlockLayouts[AVX512] = Tiled
	}
}

// BlockLayout is the layout of products in bfloat16 on t.
func (t Tier) BlockLayout() Layout { return BlockLayouts[t] }

// BlockShape is Shape for products in bfloat16.
func (t Tier) BlockShape(l Layout) (rows, cols int) {
	rows, cols = t.Shape()
	if l == Tiled {
		rows = tiledRows
	}
	return rows, cols
}

// tiledRows is the rows of a tile in the layout Tiled: of two tiles of AMX.
const tiledRows = 32

// half is how many even k there are in the block that begins at k0, of k in all: as many as odd ones, one of which may be
// padding.
func half(k0, k int) int { return min(BlockK, k-k0+1) / 2 }

// Source is the k that is packed at a place, in layouts of blocks. It is k or more for padding.
func (l Layout) Source(place, k int) int {
	if l != Split {
		return place
	}
	at := place % BlockK
	h := half(place-at, k)
	if at < h {
		return place + at
	}
	return place - at + 2*(at-h) + 1
}

// Place is where a k is packed: the inverse of Source.
func (l Layout) Place(q, k int) int {
	if l != Split {
		return q
	}
	at := q % BlockK
	return q - at + at/2 + at%2*half(q-at, k)
}

// RoundRow converts a row of values along k to a layout of blocks: to Steps(len(src)) values. What completes it is pad.
func (l Layout) RoundRow(dst, src []float32, pad float32) {
	if l == Split {
		splitRow(dst, src, pad)
		return
	}
	whole := len(src) / 2
	pairBF16(dst[:whole], src[:2*whole])
	words, p := bitsOf(dst)[whole:l.Steps(len(src))], bf16Bits(pad)
	for i := range words {
		words[i] = p | p>>16
	}
	if len(src) > 2*whole {
		words[0] = p | bf16Bits(src[2*whole])>>16
	}
}

// splitRow rounds every value and writes the even ones of a block before its odd ones.
func splitRow(dst, src []float32, pad float32) {
	for done := vectorSplitRow(dst, src); done < len(src); done += BlockK {
		in := src[done:min(len(src), done+BlockK)]
		h := half(done, len(src))
		out := dst[done:][:2*h]
		out[2*h-1] = pad
		for i, v := range in {
			out[i/2+i%2*h] = RoundBF16(v)
		}
	}
}

// PairTiles writes words of even and odd in pieces of full words, step words apart, the last of them padded with zeros.
func PairTiles(dst, even, odd []float32, full, step int) {
	for ; len(even) >= full; even, odd = even[full:], odd[full:] {
		pairRows(dst[:full], even[:full], odd[:full])
		dst = dst[min(step, len(dst)):]
	}
	if n := len(even); n > 0 {
		pairRows(dst[:n], even, odd)
		clear(dst[n:full])
	}
}

// Run computes the first width columns.
func (t *BlockTile) Run(on Tier, l Layout, width int) {
	if t.K <= 0 || t.Rows <= 0 {
		return
	}
	rows, cols := on.BlockShape(l)
	whole := width == cols && (t.Rows == rows || l == Tiled)
	if t.Start != nil && !(whole && on.startsTiles(l)) {
		for i := range t.Rows {
			copy(t.C[i*t.CStride:], t.Start[:width])
		}
		u := *t
		u.Start = nil
		u.Run(on, l, width)
		return
	}
	if whole && t.runVectors(on, l) {
		return
	}
	if !on.HasVectors() {
		t.runGo(on, l, width)
		return
	}
	t.runCopied(on, l, width)
}

// runCopied computes a whole tile on a copy of C, of which Rows rows of width values are copied back.
//
//go:noinline
func (t *BlockTile) runCopied(on Tier, l Layout, width int) {
	var full [tiledRows * MaxTileCols]float32
	rows, cols := on.BlockShape(l)
	if t.Rows > rows {
		for i := 0; i < t.Rows; i += rows {
			u := *t
			u.A, u.C, u.Rows = t.A[i*t.AStride:], t.C[i*t.CStride:], min(rows, t.Rows-i)
			u.runCopied(on, l, width)
		}
		return
	}
	for i := range t.Rows {
		copy(full[i*cols:], t.C[i*t.CStride:][:width])
	}
	u := *t
	u.C, u.CStride = full[:], cols
	if l == Split {
		u.Rows = rows
	}
	if !u.runVectors(on, l) {
		u.Rows = t.Rows
		u.runGo(on, l, width)
	}
	for i := range t.Rows {
		copy(t.C[i*t.CStride:][:width], full[i*cols:])
	}
}

// runGo computes the first width columns in plain Go. It is the definition that all assembly is tested against.
func (t *BlockTile) runGo(on Tier, l Layout, width int) {
	mr, nr := on.BlockShape(l)
	add := FMAFlushed
	if !on.Exact() {
		add = func(x, y, z float32) float32 { return z + float32(x*y) }
	}
	for i := range t.Rows {
		for j := range width {
			c := &t.C[i*t.CStride+j]
			for k0 := 0; k0 < t.K; k0 += BlockK {
				h := half(k0, t.K)
				var even, odd float32
				for q := range h {
					if l == Split {
						at := k0 + q
						even = add(t.A[at*mr+i], t.B[at*nr+j], even)
						odd = add(t.A[(at+h)*mr+i], t.B[(at+h)*nr+j], odd)
						continue
					}
					at := k0/2 + q
					a, b := bitsOf(t.A)[i*t.AStride+at], bitsOf(t.B)[at*nr+j]
					even = add(lowerBF16(a), lowerBF16(b), even)
					odd = add(upperBF16(a), upperBF16(b), odd)
				}
				*c = addFlushed(*c, addFlushed(even, odd))
			}
		}
	}
}

// addFlushed is x + y with subnormal values taken and left as zeros. A sum that is subnormal is exact.
func addFlushed(x, y float32) float32 { return flushed(flushed(x) + flushed(y)) }
