package measure

// Regression measures numbers against what they should be, each column by itself:
// 5 numbers a column.
type Regression struct {
	vector []float64 // of each column: rows, Σ|d|, Σd², mean of y, Σ(y - mean)², with y the targets and d what they are missed by
}

// NewRegression returns a measure of rows of so many columns.
func NewRegression(cols int) *Regression { return &Regression{make([]float64, 5*cols)} }

// Vector returns what has been measured.
func (m *Regression) Vector() []float64 { return m.vector }

// Add measures a row.
func (m *Regression) Add(x, targets []float32) {
	for j, v := range x {
		y := float64(targets[j])
		d := float64(v) - y
		m.merge(j, []float64{1, max(d, -d), float64(d * d), y, 0})
	}
}

// Merge adds what another has measured. Squares around means are merged as Chan,
// Golub and LeVeque (1979) do, so that a large mean costs no digits.
func (m *Regression) Merge(v []float64) {
	sameLength(len(m.vector), len(v))
	for j := range len(v) / 5 {
		m.merge(j, v[5*j:5*j+5])
	}
}

func (m *Regression) merge(col int, v []float64) {
	own := m.vector[5*col : 5*col+5]
	n := own[0] + v[0]
	if v[0] == 0 {
		return
	}
	apart := v[3] - own[3]
	own[4] += v[4] + float64(float64(apart*apart)*float64(own[0]*v[0]))/n
	own[3] += float64(apart*v[0]) / n
	own[0], own[1], own[2] = n, own[1]+v[1], own[2]+v[2]
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
// where each is met, and 0 otherwise. It is negative for what is worse than the mean.
func (m *Regression) R2() float64 {
	return m.mean(func(v []float64) float64 {
		switch {
		case v[4] == 0 && v[2] == 0 && v[0] > 0:
			return 1
		case v[4] == 0 && v[0] > 0:
			return 0
		}
		return 1 - v[2]/v[4]
	})
}

func (m *Regression) mean(f func(v []float64) float64) float64 {
	sum, cols := 0.0, len(m.vector)/5
	for j := range cols {
		sum += f(m.vector[5*j : 5*j+5])
	}
	return sum / float64(cols)
}
