package kernel_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// rowNorm runs the functions of rownorm.go on rows of n values and returns their results.
func rowNorm(t *testing.T, n int) (slices [6]kerneltest.Guarded, sums [4]float64) {
	const mean, scale, b, c = -0.4, 1.3, 0.7, 0.2
	s := kerneltest.Source{Seed: uint32(50 + n)}
	for i := range slices {
		slices[i] = kerneltest.NewGuarded(&s, 1, n, n)
	}
	if n == 40 || n == 48 {
		slices[0].Data[3], slices[1].Data[20] = float32(math.Inf(1)), float32(math.NaN())
	}
	x, dy, weight, bias, dweight, dbias := slices[0].Data, slices[1].Data, slices[2].Data, slices[3].Data, slices[4].Data, slices[5].Data
	sums[0], sums[1] = kernel.RowMoments(x)
	sums[2], sums[3] = kernel.RowNormSums(dweight, dbias, dy, x, weight, mean, scale)
	kernel.RowNormBack(bias, dy, x, weight, mean, scale, b, c, n%2 == 0)
	kernel.RowNormBack(dy, dy, x, weight, mean, scale, b, c, true)
	kernel.RowNorm(x, x, weight, bias, mean, scale)
	for i := range slices {
		slices[i].Intact(t)
	}
	return slices, sums
}

// Every tier has the bits of plain Go at every length, and touches nothing beside the slices.
func TestRowNormTiers(t *testing.T) {
	type result struct {
		slices [6]kerneltest.Guarded
		sums   [4]float64
	}
	want := map[int]result{}
	kerneltest.EachTier(t, func(t *testing.T) {
		for n := range 70 {
			slices, sums := rowNorm(t, n)
			if _, ok := want[n]; !ok { // plain Go comes first
				want[n] = result{slices, sums}
			}
			for i := range slices {
				kerneltest.RequireSame(t, fmt.Sprintf("%d values, slice %d", n, i), slices[i].Grid, want[n].slices[i].Grid)
			}
			for i, v := range sums {
				if first := want[n].sums[i]; v != first && (v == v || first == first) {
					t.Fatalf("%d values, sum %d: %v, plain Go has %v", n, i, v, first)
				}
			}
		}
	})
}

// The loops are their formulas.
func TestRowNormFormulas(t *testing.T) {
	const n = 37
	const mean, scale, b, c = float32(-0.4), float32(1.3), float32(0.7), float32(0.2)
	s := kerneltest.Source{Seed: 61}
	var rows [6][]float32
	for i := range rows {
		rows[i] = make([]float32, n)
		s.Fill(rows[i])
	}
	x, dy, weight, bias, dweight, dbias := rows[0], rows[1], rows[2], rows[3], rows[4], rows[5]
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 2e-6 {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	h := func(j int) float64 { return (float64(x[j]) - float64(mean)) * float64(scale) }
	var want [4]float64
	beforeWeight, beforeBias := append([]float32{}, dweight...), append([]float32{}, dbias...)
	sum, squares := kernel.RowMoments(x)
	gsum, product := kernel.RowNormSums(dweight, dbias, dy, x, weight, mean, scale)
	y, dx, added := make([]float32, n), make([]float32, n), append([]float32{}, bias...)
	kernel.RowNorm(y, x, weight, bias, mean, scale)
	kernel.RowNormBack(dx, dy, x, weight, mean, scale, b, c, true)
	kernel.RowNormBack(added, dy, x, weight, mean, scale, b, c, false)
	for j := range n {
		v, g := float64(x[j]), float64(dy[j])*float64(weight[j])
		want[0], want[1], want[2], want[3] = want[0]+v, want[1]+v*v, want[2]+g, want[3]+g*h(j)
		near("y", float64(y[j]), h(j)*float64(weight[j])+float64(bias[j]))
		near("dweight", float64(dweight[j]), float64(beforeWeight[j])+float64(dy[j])*h(j))
		near("dbias", float64(dbias[j]), float64(beforeBias[j])+float64(dy[j]))
		back := float64(scale)*g + float64(b)*(v-float64(mean)) + float64(c)
		near("dx", float64(dx[j]), back)
		near("dx added to", float64(added[j]), float64(bias[j])+back)
	}
	for i, got := range [...]float64{sum, squares, gsum, product} {
		near(fmt.Sprintf("sum %d", i), got, want[i])
	}
}
