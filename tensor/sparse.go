package tensor

// Sparse is rows of numbers of which most are zero, such as how often texts have each word, in compressed form: row i has
// Values[k] in column Columns[k] for k from Starts[i] to Starts[i+1]-1, its columns ascending.
type Sparse struct {
	Cols    int
	Starts  []int
	Columns []int32
	Values  []float64
}

// NewSparse is no rows yet, of so many columns.
func NewSparse(cols int) *Sparse { return &Sparse{Cols: cols, Starts: []int{0}} }

// Add appends a row: its columns ascending, from 0 to Cols-1.
func (x *Sparse) Add(columns []int32, values []float64) {
	x.Columns, x.Values = append(x.Columns, columns...), append(x.Values, values...)
	x.Starts = append(x.Starts, len(x.Columns))
}

// Rows is the number of rows.
func (x *Sparse) Rows() int { return len(x.Starts) - 1 }

// Row is what row i has: columns, and their values.
func (x *Sparse) Row(i int) (columns []int32, values []float64) {
	return x.Columns[x.Starts[i]:x.Starts[i+1]], x.Values[x.Starts[i]:x.Starts[i+1]]
}

// Dot is the sum of what row i has, each number times that of v in its column.
func (x *Sparse) Dot(i int, v []float64) (sum float64) {
	columns, values := x.Row(i)
	for k, j := range columns {
		sum += values[k] * v[j]
	}
	return sum
}
