package nn

import (
	"math"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/nn/portable"
	"github.com/rondo-ml/rondo/tensor"
)

// The losses of rows that are taken together, against each row by itself in plain
// Go, bit by bit: rows of one column up to more than are taken at a time, some absent.
func TestLossesOfRowsByThemselves(t *testing.T) {
	for name, c := range map[string]struct {
		end func(t *Tape, x *Node, k *TargetValues) *Loss
		one func(slopes, x, y []float32) float64
	}{
		"squared": {func(t *Tape, x *Node, k *TargetValues) *Loss { return t.SquaredError("loss", x, k) }, squaredOne},
		"smooth":  {func(t *Tape, x *Node, k *TargetValues) *Loss { return t.SmoothL1("loss", x, k, 0.7) }, smoothOne},
		"binary":  {func(t *Tape, x *Node, k *TargetValues) *Loss { return t.BinaryCrossEntropy("loss", x, k, nil) }, binaryOne},
	} {
		for _, cols := range []int{1, 2, 7, 64, lossValues, lossValues + 1, 3*lossValues + 5} {
			tape, x, k := rowsToLose(t, 2, 11, cols)
			loss := c.end(tape, x, k)
			tape.Plan()
			for i := range k.Value {
				k.Value[i] = Stream{Seed: 2}.Float(uint32(i))
			}
			k.Absent[3], k.Absent[4], k.Absent[21] = true, true, true
			loss.Total = 19
			tape.Forward()
			values := slices.Clone(x.Value().Data) // whose memory Backward takes
			tape.Backward(nil)
			slopes := make([]float32, cols)
			for row := range x.Rows {
				clear(slopes)
				want := 0.0
				if !k.Absent[row] {
					want = c.one(slopes, values[row*cols:(row+1)*cols], k.Row(row))
				}
				if loss.Row[row] != want {
					t.Errorf("%s of %d columns: row %d has %v, by itself %v", name, cols, row, loss.Row[row], want)
				}
				for j, s := range slopes {
					if got := x.Grad().Row(row)[j]; got != loss.Scale()*s {
						t.Fatalf("%s of %d columns: the gradient in row %d, column %d is %v, by itself %v", name, cols, row, j, got, loss.Scale()*s)
					}
				}
			}
		}
	}
}

// Cross entropies of two classes, which have loops of their own.
func TestCrossEntropyOfPairs(t *testing.T) {
	tape, x, _ := rowsToLose(t, 2, 50, 2)
	k := NewTargets(x.Layout)
	for i := range k.Target {
		k.Target[i] = int32(i%3 - 1)
	}
	loss := tape.CrossEntropy("loss", x, k)
	tape.Plan()
	loss.Total = 66
	tape.Forward()
	values := slices.Clone(x.Value().Data)
	tape.Backward(nil)
	for row := range x.Rows {
		v, a := values[2*row:2*row+2], k.Target[row]
		top := max(v[0], v[1])
		e := [2]float32{tensor.ExpOf(v[0] - top), tensor.ExpOf(v[1] - top)}
		want, d := 0.0, [2]float32{}
		if a >= 0 {
			want = portable.Log(float64(e[0]+e[1])) + (float64(top) - float64(v[a]))
			scale := loss.Scale() / (e[0] + e[1])
			d = [2]float32{scale * e[0], scale * e[1]}
			d[a] -= loss.Scale()
		}
		if got := x.Grad().Row(row); loss.Row[row] != want || got[0] != d[0] || got[1] != d[1] {
			t.Errorf("row %d, class %d: %v and %v, want %v and %v", row, a, loss.Row[row], got, want, d)
		}
	}
}

// rowsToLose is a tape over random rows that want their gradient, and targets for them.
func rowsToLose(t *testing.T, lanes, rows, cols int) (*Tape, *Node, *TargetValues) {
	pool := tensor.NewPool(2)
	t.Cleanup(pool.Close)
	ps := NewParams()
	ps.Add("input", ConstantInit(0), 1)
	ps.Allocate()
	ps.AllocateGrads(lanes)
	tape := NewTape(ps, pool, Shape{Steps: 1, Lanes: lanes, Rows: rows}, Training, 1)
	x := newBenchInput(tape, ps, 0, 0, cols)
	return tape, x, NewTargetValues(x.Layout, cols)
}

func squaredOne(slopes, x, y []float32) float64 {
	k := float64(len(x))
	for j, v := range x {
		slopes[j] = v - y[j]
	}
	loss := tensor.Dot(slopes, slopes) / k
	tensor.Scale(slopes, slopes, float32(2/k))
	return loss
}

func smoothOne(slopes, x, y []float32) float64 {
	const beta = 0.7
	sum, part := 0.0, 1/float64(len(x))/beta
	for j, v := range x {
		d := float64(v) - float64(y[j])
		c := max(min(d, beta), -beta)
		sum += float64(c * (d - c*0.5))
		slopes[j] = float32(c * part)
	}
	return float64(sum * part)
}

func binaryOne(slopes, x, y []float32) float64 {
	sum, product, part := 0.0, 1.0, 1/float64(len(x))
	for j, v := range x {
		x, y, e := float64(v), float64(y[j]), float64(tensor.ExpOf(-float32(math.Abs(float64(v)))))
		if product *= 1 + e; product > 0x1p900 {
			sum, product = sum+portable.Log(product), 1
		}
		sum += float64((1-y)*x) + (math.Abs(x)-x)*0.5
		slopes[j] = float32(((1 - y) - against(x, e)) * part)
	}
	return float64((sum + portable.Log(product)) * part)
}
