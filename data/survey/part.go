package survey

import (
	"encoding/binary"

	"github.com/rondo-ml/rondo/data/samples"
)

// Part is what is in one part of all samples.
type Part struct {
	samples.Part

	// Sizes are those of each dimension that differs from sample to sample, in order.
	Sizes []Range

	// Counts are the elements that number each class, where the part has classes; Ignored those that number none.
	Counts  []int64
	Ignored int64

	// Channels are the figures of each channel, for parts of numbers that are not classes.
	Channels []Channel
}

// Range is where sizes lie. Median is the lower of two that are in the middle.
type Range struct {
	Min, Median, Max int
	Total            int64
}

// Channel is the figures of the elements of a channel.
type Channel struct {
	Mean, Deviation float64
	Min, Max        float64
}

// partTally counts one part.
type partTally struct {
	of       samples.Part
	varies   []int // dimensions
	sizes    []map[int]int64
	counts   []int64
	ignored  int64
	bytes    [][256]int64 // of each channel: how often each value is there
	integers []integers   // of each channel
	floats   []moments    // of each channel
}

func newPartTally(p samples.Part) partTally {
	t := partTally{of: p}
	for d, n := range p.Shape {
		if n == samples.Varies {
			t.varies = append(t.varies, d)
			t.sizes = append(t.sizes, map[int]int64{})
		}
	}
	channels := 1
	if last := len(p.Shape) - 1; last >= 0 && p.Shape[last] != samples.Varies {
		channels = p.Shape[last]
	}
	const most = 4096 // more are no channels: an image without a dimension for them
	if channels > most {
		channels = 1
	}
	switch {
	case len(p.Classes) > 0:
		t.counts = make([]int64, len(p.Classes))
	case p.Element == samples.Uint8:
		t.bytes = make([][256]int64, channels)
	case p.Element == samples.Int16 || p.Element == samples.Int32:
		t.integers = make([]integers, channels)
	case p.Element == samples.Float32:
		t.floats = make([]moments, channels)
	}
	return t
}

// add counts the part of one sample.
func (t *partTally) add(v samples.Value) {
	for i, d := range t.varies {
		t.sizes[i][v.Shape[d]]++
	}
	switch {
	case t.counts != nil && t.of.Element == samples.Uint8:
		for _, c := range v.Data {
			t.class(int(c))
		}
	case t.counts != nil:
		for _, c := range v.Int32s() {
			t.class(int(c))
		}
	case t.bytes != nil:
		countBytes(t.bytes, v.Data)
	case t.integers != nil && t.of.Element == samples.Int16:
		for i := 0; i+2 <= len(v.Data); i += 2 {
			t.integers[i/2%len(t.integers)].add(int64(int16(binary.LittleEndian.Uint16(v.Data[i:]))))
		}
	case t.integers != nil:
		for i, x := range v.Int32s() {
			t.integers[i%len(t.integers)].add(int64(x))
		}
	case t.floats != nil:
		addFloats(t.floats, v.Float32s())
	}
}

func (t *partTally) class(c int) {
	if c < len(t.counts) {
		t.counts[c]++
	} else {
		t.ignored++
	}
}

func countBytes(channels [][256]int64, data []byte) {
	switch n := len(channels); n {
	case 1:
		for _, v := range data {
			channels[0][v]++
		}
	case 3:
		r, g, b := &channels[0], &channels[1], &channels[2]
		for ; len(data) >= 3; data = data[3:] {
			r[data[0]]++
			g[data[1]]++
			b[data[2]]++
		}
	default:
		for i, v := range data {
			channels[i%n][v]++
		}
	}
}

// merge adds what was counted of the samples that follow.
func (t *partTally) merge(u *partTally) {
	for i := range t.sizes {
		for size, n := range u.sizes[i] {
			t.sizes[i][size] += n
		}
	}
	for i, n := range u.counts {
		t.counts[i] += n
	}
	t.ignored += u.ignored
	for c := range t.bytes {
		for v, n := range u.bytes[c] {
			t.bytes[c][v] += n
		}
	}
	for c := range t.integers {
		t.integers[c].merge(u.integers[c])
	}
	for c := range t.floats {
		t.floats[c].merge(u.floats[c])
	}
}

// part is the result.
func (t *partTally) part() Part {
	p := Part{Part: t.of, Counts: t.counts, Ignored: t.ignored}
	for _, sizes := range t.sizes {
		p.Sizes = append(p.Sizes, sortedRange(sizes))
	}
	for c := range t.bytes {
		var sum integers
		for v, n := range t.bytes[c] {
			sum.addTimes(int64(v), uint64(n))
		}
		p.Channels = append(p.Channels, sum.channel(255))
	}
	for _, sum := range t.integers {
		scale := 1.0
		if t.of.Element == samples.Int16 && t.of.Rate > 0 {
			scale = 1 << 15
		}
		p.Channels = append(p.Channels, sum.channel(scale))
	}
	for _, m := range t.floats {
		p.Channels = append(p.Channels, m.channel())
	}
	return p
}
