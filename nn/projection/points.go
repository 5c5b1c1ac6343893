package projection

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// largest is a number whose squares a float32 can still add up.
const largest = 1e15

// Check says whether points can be laid out: two of them or more, of one number or more, all finite and none huge.
func Check(x tensor.Matrix) error {
	if x.Rows < 2 || x.Cols < 1 {
		return fmt.Errorf("%d points of %d numbers cannot be laid out: want two points or more, of one number or more", x.Rows, x.Cols)
	}
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			if !(math.Abs(float64(v)) <= largest) {
				return fmt.Errorf("point %d: number %d is %v; want finite ones, from -1e15 to 1e15", i, j, v)
			}
		}
	}
	return nil
}

// mean is the mean of the rows.
func mean(x tensor.Matrix) []float64 {
	m := make([]float64, x.Cols)
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			m[j] += float64(v)
		}
	}
	for j := range m {
		m[j] /= float64(max(x.Rows, 1))
	}
	return m
}

// Variance is the sum of the variances of all columns.
func Variance(x tensor.Matrix) (sum float64) {
	m := mean(x)
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			d := float64(v) - m[j]
			sum += d * d
		}
	}
	return sum / float64(max(x.Rows-1, 1))
}

// Centred is x, moved so that its mean is zero.
func Centred(x tensor.Matrix) tensor.Matrix {
	m, y := mean(x), tensor.NewMatrix(x.Rows, x.Cols)
	for i := range x.Rows {
		to := y.Row(i)
		for j, v := range x.Row(i) {
			to[j] = float32(float64(v) - m[j])
		}
	}
	return y
}

// Sphereize is x, moved so that its mean is zero, with each point then at a distance of 1 from there.
// A point on the mean stays there.
func Sphereize(x tensor.Matrix) tensor.Matrix {
	y := Centred(x)
	for i := range y.Rows {
		shorten(y.Row(i))
	}
	return y
}

// shorten makes a row one long, if it is not zero.
func shorten(row []float32) {
	length := math.Sqrt(squares(row))
	if length == 0 {
		return
	}
	for j := range row {
		row[j] = float32(float64(row[j]) / length)
	}
}

func squares(row []float32) (sum float64) {
	for _, v := range row {
		sum += float64(v) * float64(v)
	}
	return sum
}

// Axis is where each point lies along the direction from the mean of some points to the mean of others, as a share
// of the way: 0 at the first, 1 at the second. It is an error where the two are in one place, or name no point.
func Axis(x tensor.Matrix, from, to []int) ([]float32, error) {
	a, err := meanOf(x, from)
	if err != nil {
		return nil, fmt.Errorf("the axis's beginning: %w", err)
	}
	b, err := meanOf(x, to)
	if err != nil {
		return nil, fmt.Errorf("the axis's end: %w", err)
	}
	length := 0.0
	for j := range b {
		b[j] -= a[j]
		length += b[j] * b[j]
	}
	if length == 0 {
		return nil, fmt.Errorf("the axis begins where it ends; take other points")
	}
	along := make([]float32, x.Rows)
	for i := range along {
		sum := 0.0
		for j, v := range x.Row(i) {
			sum += (float64(v) - a[j]) * b[j]
		}
		along[i] = float32(sum / length)
	}
	return along, nil
}

// meanOf is the mean of some points.
func meanOf(x tensor.Matrix, of []int) ([]float64, error) {
	if len(of) == 0 {
		return nil, fmt.Errorf("no points")
	}
	m := make([]float64, x.Cols)
	for _, i := range of {
		if i < 0 || i >= x.Rows {
			return nil, fmt.Errorf("point %d: there are %d", i, x.Rows)
		}
		for j, v := range x.Row(i) {
			m[j] += float64(v)
		}
	}
	for j := range m {
		m[j] /= float64(len(of))
	}
	return m, nil
}
