package survey

import (
	"math"
	"math/big"
	"math/bits"
)

// integers sums integers of at most 32 bits and their squares, exactly.
type integers struct {
	n        uint64
	sum      int64
	high     uint64 // of the sum of squares
	low      uint64
	min, max int64
}

func (s *integers) add(v int64) { s.addTimes(v, 1) }

func (s *integers) addTimes(v int64, times uint64) {
	if times == 0 {
		return
	}
	if s.n == 0 || v < s.min {
		s.min = v
	}
	if s.n == 0 || v > s.max {
		s.max = v
	}
	s.n += times
	s.sum += v * int64(times)
	high, low := bits.Mul64(uint64(v*v), times)
	var carry uint64
	s.low, carry = bits.Add64(s.low, low, 0)
	s.high += high + carry
}

func (s *integers) merge(u integers) {
	if u.n == 0 {
		return
	}
	if s.n == 0 {
		*s = u
		return
	}
	var carry uint64
	s.low, carry = bits.Add64(s.low, u.low, 0)
	s.high += u.high + carry
	s.n, s.sum, s.min, s.max = s.n+u.n, s.sum+u.sum, min(s.min, u.min), max(s.max, u.max)
}

// channel is the figures, divided by scale.
func (s *integers) channel(scale float64) Channel {
	if s.n == 0 {
		return Channel{}
	}
	n := float64(s.n)
	mean := float64(s.sum) / n
	return Channel{mean / scale, math.Sqrt(s.spread()) / n / scale, float64(s.min) / scale, float64(s.max) / scale}
}

// spread is n² times the variance: n·Σv² − (Σv)², without rounding until the end.
func (s *integers) spread() float64 {
	squares := new(big.Int).SetUint64(s.high)
	squares.Lsh(squares, 64).Or(squares, new(big.Int).SetUint64(s.low))
	squares.Mul(squares, new(big.Int).SetUint64(s.n))
	sum := big.NewInt(s.sum)
	spread, _ := squares.Sub(squares, sum.Mul(sum, sum)).Float64()
	return spread
}

// moments are those of floats: the mean, and the sum of squares of what differs from it.
type moments struct {
	n        float64
	mean, m2 float64
	min, max float64
}

// addFloats adds the floats of one sample, channels in turn.
func addFloats(channels []moments, x []float32) {
	n := len(channels)
	for c := range channels {
		var u moments
		for i := c; i < len(x); i += n {
			v := float64(x[i])
			if u.n == 0 {
				u.min, u.max = v, v
			}
			u.n++
			u.mean += v
			u.min, u.max = min(u.min, v), max(u.max, v)
		}
		if u.n == 0 {
			continue
		}
		u.mean /= u.n
		for i := c; i < len(x); i += n {
			d := float64(x[i]) - u.mean
			u.m2 += float64(d * d)
		}
		channels[c].merge(u)
	}
}

// merge adds those of what follows (Chan, Golub and LeVeque 1979).
func (m *moments) merge(u moments) {
	if u.n == 0 {
		return
	}
	if m.n == 0 {
		*m = u
		return
	}
	n, d := m.n+u.n, u.mean-m.mean
	m.mean += float64(d * (u.n / n))
	m.m2 += u.m2 + float64(float64(d*d)*(m.n*u.n/n))
	m.n, m.min, m.max = n, min(m.min, u.min), max(m.max, u.max)
}

func (m *moments) channel() Channel {
	if m.n == 0 {
		return Channel{}
	}
	return Channel{m.mean, math.Sqrt(m.m2 / m.n), m.min, m.max}
}
