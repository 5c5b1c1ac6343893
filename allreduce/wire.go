package allreduce

import "fmt"

// Wire is the form in which sums travel. It decides bits: all workers of a run
// must use the same.
type Wire uint8

const (
	// Float32 sends sums as they are.
	Float32 Wire = iota
	// BFloat16 halves the bytes. Sums are rounded, to nearest and ties to even,
	// where they begin and after every addition, also between two lanes of one
	// worker, so that bits do not depend on the number of workers.
	BFloat16
)

var wireNames = [...]string{"float32", "bf16"}

func (w Wire) String() string { return wireNames[w] }

// ParseWire is the wire of a name, float32 or bf16.
func ParseWire(name string) (Wire, error) {
	for w, s := range wireNames {
		if s == name {
			return Wire(w), nil
		}
	}
	return 0, fmt.Errorf("wire %q: want float32 or bf16", name)
}

// width is the number of bytes of one number.
func (w Wire) width() int { return 4 >> w }

func (w Wire) partial() Kind { return [...]Kind{KindPartial, KindPartialHalf}[w] }
func (w Wire) sum() Kind     { return [...]Kind{KindSum, KindSumHalf}[w] }

// folder adds lanes to segments that travel.
type folder struct {
	wire    Wire
	large   bool      // the bucket is no thing for a cache
	scratch []float32 // [foldBlock]
	tally   tally     // of float32; other wires take none
}

// put is copy(out, s).
func (d *folder) put(out, s []float32) {
	if d.large {
		stream(out, s)
		return
	}
	copy(out, s)
}

// begin sets dst = first + lanes[0][at:] + lanes[1][at:] + …
func (d *folder) begin(dst []byte, first []float32, lanes [][]float32, at int) {
	if d.wire == Float32 {
		out := floats32(dst)
		for lo := 0; lo < len(out); lo += foldBlock {
			hi := min(lo+foldBlock, len(out))
			addLanes(out[lo:hi], first[lo:hi], lanes, at+lo)
			d.tally.result(out[lo:hi])
		}
		return
	}
	halves := uint16s(dst)
	d.blocks(len(first), func(s []float32, lo, hi int) {
		round(s, first[lo:hi])
		roundLanes(s, lanes, at+lo)
		pack(halves[lo:hi], s)
	})
}

// advance sets dst = src + lanes[0][at:] + …; with out it is the sum, which out
// receives too. dst may be src.
func (d *folder) advance(dst, src []byte, lanes [][]float32, at int, out []float32) {
	if d.wire == Float32 {
		d.advance32(floats32(dst), floats32(src), lanes, at, out)
		return
	}
	to, from := uint16s(dst), uint16s(src)
	d.blocks(len(from), func(s []float32, lo, hi int) {
		unpack(s, from[lo:hi])
		roundLanes(s, lanes, at+lo)
		if out != nil {
			copy(out[lo:hi], s)
		}
		pack(to[lo:hi], s)
	})
}

func (d *folder) advance32(dst, src []float32, lanes [][]float32, at int, out []float32) {
	for lo := 0; lo < len(dst); lo += tallyBlock { // all from the first cache
		hi := min(lo+tallyBlock, len(dst))
		to, from := dst[lo:hi], src[lo:hi]
		if d.tally.reads && d.tally.writes && len(lanes) == 1 && len(to) == tallyBlock {
			d.tally.add(to, from, lanes[0][at+lo:at+hi])
		} else {
			d.tally.source(from)
			addLanes(to, from, lanes, at+lo)
			d.tally.result(to)
		}
		if out != nil {
			d.put(out[lo:hi], to)
		}
	}
}

// finished writes a sum that came to out, and to dst if it travels on.
func (d *folder) finished(out []float32, src, dst []byte) {
	if d.wire == BFloat16 {
		unpack(out, uint16s(src))
		if dst != nil {
			copy(dst, src)
		}
		return
	}
	sum := floats32(src)
	for lo := 0; lo < len(out); lo += foldBlock {
		hi := min(lo+foldBlock, len(out))
		d.tally.source(sum[lo:hi])
		d.put(out[lo:hi], sum[lo:hi])
		if dst != nil {
			copy(dst[4*lo:4*hi], src[4*lo:4*hi])
		}
	}
}

// home sets out = first + lanes[0][at:] + … + more[0][at:] + … on a worker that
// owns all lanes. It uses nothing of d that changes: several may call it at once.
func (d *folder) home(out, first []float32, lanes, more [][]float32, at int) {
	for lo := 0; lo < len(out); lo += foldBlock {
		hi := min(lo+foldBlock, len(out))
		if d.wire == Float32 {
			addLanes(out[lo:hi], first[lo:hi], lanes, at+lo)
			addLanes(out[lo:hi], out[lo:hi], more, at+lo)
			continue
		}
		round(out[lo:hi], first[lo:hi])
		roundLanes(out[lo:hi], lanes, at+lo)
		roundLanes(out[lo:hi], more, at+lo)
	}
}

// blocks calls f for every part of n numbers that stays in the first cache.
func (d *folder) blocks(n int, f func(s []float32, lo, hi int)) {
	if d.scratch == nil {
		d.scratch = make([]float32, foldBlock)
	}
	for lo := 0; lo < n; lo += foldBlock {
		hi := min(lo+foldBlock, n)
		f(d.scratch[:hi-lo], lo, hi)
	}
}

// roundLanes is s = round(s + lane) for every lane in order.
func roundLanes(s []float32, lanes [][]float32, at int) {
	for _, lane := range lanes {
		roundAdd(s, s, lane[at:at+len(s)])
	}
}
