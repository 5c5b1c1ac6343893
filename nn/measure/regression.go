package measure

import "math"

// Regression measures numbers against what they should be, each column by itself:
// 5 sums a column.
type Regression struct {
	sums // of each column: rows, Σ|d|, Σd², Σy, Σy², with y the targets and d what they are missed by
}

// NewRegression returns a measure of rows of so many columns.
func NewRegression(cols int) *Regression { return &Regression{newSums(5 * cols)} }

// Add measures a row.
func (m *Regression) Add(x, targets []float32) {
	for j, v := range x {
		y := float64(targets[j])
		d := float64(v) - y
		s := m.v[5*j : 5*j+5]
		s[0]++
		s[1] += math.Abs(d)
		s[2] += float64(d * d)
		s[3] += y
		s[4] += float64(y * y)
	}
}

// MSE is the mean squared error over all elements.
func (m *Regression) MSE() float64 {
	return m.mean(func(v []float64) float64 { return v[2] / v[0] })
}

// MAE is the mean absolute error over all elements.
func (m *Regression) MAE() float64 {
	return m.mean(func(v []float64) float64 { return v[1] / v[0] })
}

// R2 is the share of the targets' variance that is explained, as a mean over the
// columns: 1 - Σd²/Σ(y - mean)². Of a column whose targets are all equal it is 1
// where each is met, and 0 otherwise. It is negative for what is worse than the
// mean. A mean that is 1000 deviations away from 0 costs six of the 16 digits.
func (m *Regression) R2() float64 {
	return m.mean(func(s []float64) float64 {
		squares := s[4] - float64(s[3]*s[3])/s[0]
		switch {
		case s[0] > 0 && squares <= 1e-14*s[4] && s[2] == 0: // nothing but rounding
			return 1
		case s[0] > 0 && squares <= 1e-14*s[4]:
			return 0
		}
		return 1 - s[2]/squares
	})
}

func (m *Regression) mean(f func(v []float64) float64) float64 {
	total, cols := 0.0, len(m.v)/5
	for j := range cols {
		total += f(m.v[5*j : 5*j+5])
	}
	return total / float64(cols)
}
