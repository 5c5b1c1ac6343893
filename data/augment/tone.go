package augment

import "math"

// tables makes a new picture by a table for each channel.
func (r *runner) tables(of func(table *[256]byte, channel int)) {
	p := &r.image
	n := p.now.Channels
	for c := range min(n, 3) {
		of(&r.table[c], c)
	}
	to := p.alike().Pixels
	if n == 3 {
		red, green, blue := &r.table[0], &r.table[1], &r.table[2]
		from := p.now.Pixels
		for len(to) >= 3 && len(from) >= 3 {
			to[0], to[1], to[2] = red[from[0]], green[from[1]], blue[from[2]]
			to, from = to[3:], from[3:]
		}
	} else {
		for i, v := range p.now.Pixels {
			to[i] = r.table[0][v]
		}
	}
	p.done()
}

// toward goes from a on to b by a factor, 1 for b and 2 for as far again, and cuts off the fraction.
func toward(a, b int, factor float32) byte {
	return clip(float32(a) + float32(factor*float32(b-a)))
}

func clip(v float32) byte {
	return clipInt(int32(v))
}

func clipInt(i int32) byte {
	if uint32(i) > 255 {
		i = ^(i >> 31) // 0 below, all ones above
	}
	return byte(i)
}

// brighten multiplies values.
func (r *runner) brighten(factor float32) { r.from(0, factor) }

// contrast multiplies distances from the mean luma.
func (r *runner) contrast(factor float32) { r.from(r.meanLuma(), factor) }

func (r *runner) from(origin int, factor float32) {
	if factor == 1 {
		return
	}
	r.tables(func(table *[256]byte, _ int) {
		for v := range table {
			table[v] = toward(origin, v, factor)
		}
	})
}

// luma is ITU-R 601's: 0.299 red, 0.587 green and 0.114 blue, rounded.
func luma(r, g, b byte) int {
	return int((19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16)
}

func (r *runner) meanLuma() int {
	p := &r.image.now
	sum, n := 0, len(p.Pixels)
	if p.Channels == 3 {
		n /= 3
		for i := 0; i+2 < len(p.Pixels); i += 3 {
			sum += luma(p.Pixels[i], p.Pixels[i+1], p.Pixels[i+2])
		}
	} else {
		for _, v := range p.Pixels {
			sum += int(v)
		}
	}
	return int(float64(sum)/float64(n) + 0.5)
}

// posterize keeps so many bits of each value.
func (r *runner) posterize(bits int) {
	r.tables(func(table *[256]byte, _ int) {
		for v := range table {
			table[v] = byte(v >> (8 - bits) << (8 - bits))
		}
	})
}

// solarize inverts values from a threshold on.
func (r *runner) solarize(threshold float64) {
	r.tables(func(table *[256]byte, _ int) {
		for v := range table {
			table[v] = byte(v)
			if float64(v) >= threshold {
				table[v] = byte(255 - v)
			}
		}
	})
}

// histogram counts the values of a channel.
func (r *runner) histogram(channel int) (counts [256]int) {
	p := &r.image.now
	for i := channel; i < len(p.Pixels); i += p.Channels {
		counts[p.Pixels[i]]++
	}
	return counts
}

// autoContrast stretches the values of each channel to 0 … 255.
func (r *runner) autoContrast() {
	r.tables(func(table *[256]byte, channel int) {
		counts := r.histogram(channel)
		lo, hi := 0, 255
		for counts[lo] == 0 {
			lo++
		}
		for counts[hi] == 0 {
			hi--
		}
		scale := 255 / float64(max(1, hi-lo))
		offset := float64(float64(-lo) * scale)
		for v := range table {
			table[v] = byte(v)
			if lo < hi {
				table[v] = byte(max(0, min(255, int(float64(float64(v)*scale)+offset))))
			}
		}
	})
}

// equalize makes all values of a channel about as frequent.
func (r *runner) equalize() {
	r.tables(func(table *[256]byte, channel int) {
		counts := r.histogram(channel)
		last := 255
		for counts[last] == 0 {
			last--
		}
		total := len(r.image.now.Pixels) / r.image.now.Channels
		step := (total - counts[last]) / 255
		sum := step / 2
		for v := range table {
			table[v] = byte(v)
			if step > 0 {
				table[v] = byte(min(255, sum/step))
				sum += counts[v]
			}
		}
	})
}

// invert is 255 less every value.
func (r *runner) invert() { r.solarize(0) }

// sharpen goes from the picture smoothed (3×3, the middle five times) on to the picture. The outermost pixels stay.
func (r *runner) sharpen(factor float32) {
	if factor == 1 {
		return
	}
	p := &r.image
	to, n, stride := p.alike(), p.now.Channels, p.now.Width*p.now.Channels
	copy(to.Pixels, p.now.Pixels)
	for y := 1; y < p.now.Height-1; y++ {
		above, own, below := row(&p.now, y-1), row(&p.now, y), row(&p.now, y+1)
		into := row(to, y)
		for i := n; i < stride-n; i++ {
			v := int(own[i])
			sum := int(above[i-n]) + int(above[i]) + int(above[i+n]) +
				int(own[i-n]) + 5*v + int(own[i+n]) +
				int(below[i-n]) + int(below[i]) + int(below[i+n])
			into[i] = toward((2*sum+13)/26, v, factor)
		}
	}
	p.done()
}

// enhance is the factor of a color operation that changes by up to amount, never below zero.
func enhance(d *draws, amount float64) float32 {
	return float32(d.in(span{max(0, 1-amount), 1 + amount}))
}

// tone is a change of values by chance: equalize, autocontrast, invert, grayscale.
type tone struct {
	p  float64
	do func(*runner)
}

func (o tone) run(r *runner, d *draws) {
	if d.chance(o.p) {
		o.do(r)
	}
}
func (o tone) settled() string { return "" }

// lighting adds to all pixels a random multiple of each principal component of the data's colors (Krizhevsky et al.,
// 2012).
type lighting struct {
	deviation       float64
	values, vectors []float64 // [3]; [3, 3], a row a channel
}

func (o lighting) run(r *runner, d *draws) {
	var alpha [4]float64
	for i := 0; i < 4; i += 2 {
		a, b := d.normal()
		alpha[i], alpha[i+1] = float64(o.deviation*float64(a)), float64(o.deviation*float64(b))
	}
	if r.image.now.Channels != 3 {
		return
	}
	r.tables(func(table *[256]byte, channel int) {
		shift := 0.0
		for i, v := range o.values {
			shift += float64(float64(o.vectors[3*channel+i]*alpha[i]) * v)
		}
		by := math.Floor(float64(shift*255) + 0.5)
		for v := range table {
			table[v] = byte(max(0, min(255, float64(v)+by)))
		}
	})
}
func (o lighting) settled() string { return "" }
