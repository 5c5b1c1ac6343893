package nn

import "fmt"

// TargetValues is what a batch should be taken for where that is numbers: what a
// regression should give, or which of several labels hold (1) and which do not (0).
type TargetValues struct {
	Layout    Layout  // of the rows
	Cols      int     // numbers of a row
	Low, High float32 // what they may be; anything finite where both are 0

	Value  []float32 // [rows, Cols]
	Absent []bool    // [rows]: there is nothing to predict
	Count  int       // rows of the whole global batch that are not absent; see Loss.Total
}

// NewTargetValues returns room for cols numbers for each row of the layout.
func NewTargetValues(l Layout, cols int) *TargetValues {
	return &TargetValues{Layout: l, Cols: cols, Value: make([]float32, l.Total()*cols), Absent: make([]bool, l.Total())}
}

// Row returns the numbers of one row, [Cols].
func (v *TargetValues) Row(row int) []float32 { return v.Value[row*v.Cols : (row+1)*v.Cols] }

// Check returns an error unless every number that counts lies in [lo, hi]: [0, 1]
// for labels, what is finite for a regression.
func (v *TargetValues) Check(lo, hi float32) error {
	for row, absent := range v.Absent {
		if absent {
			continue
		}
		for j, x := range v.Row(row) {
			if !(x >= lo && x <= hi) {
				return fmt.Errorf("nn: target %d of row %d is %v, which is not in [%v, %v]", j, row, x, lo, hi)
			}
		}
	}
	return nil
}
