package kernel_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// gateSlices is the most slices that a function of gates.go takes.
const gateSlices = 11

// gateFunctions are the functions of gates.go, each over the same slices, with its formula in float64.
var gateFunctions = []struct {
	name  string
	slice func(x [gateSlices][]float32)
	one   func(x *[gateSlices]float64)
}{
	{"AddMul", func(x [gateSlices][]float32) { kernel.AddMul(x[0], x[1], x[2]) },
		func(x *[gateSlices]float64) { x[0] += x[1] * x[2] }},
	{"Mix", func(x [gateSlices][]float32) { kernel.Mix(x[0], x[1], x[2], x[3]) },
		func(x *[gateSlices]float64) { x[0] = (1-x[1])*x[2] + x[1]*x[3] }},
	{"SumOfProducts", func(x [gateSlices][]float32) { kernel.SumOfProducts(x[0], x[1], x[2], x[3], x[4]) },
		func(x *[gateSlices]float64) { x[0] = x[1]*x[2] + x[3]*x[4] }},
	{"LSTMBack", func(x [gateSlices][]float32) { kernel.LSTMBack(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]) },
		func(x *[gateSlices]float64) {
			i, f, g, o, c, t, dh := x[0], x[1], x[2], x[3], x[4], x[5], x[6]
			d := x[7] + dh*o*(1-t*t)
			x[0], x[1], x[2], x[3], x[7] = d*g*i*(1-i), d*c*f*(1-f), d*i*(1-g*g), dh*t*o*(1-o), d*f
		}},
	{"PeepholeBack", func(x [gateSlices][]float32) {
		kernel.PeepholeBack(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10])
	},
		func(x *[gateSlices]float64) {
			i, f, g, o, c, t, dh, wi, wf, wo := x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[8], x[9], x[10]
			do := dh * t * o * (1 - o)
			d := x[7] + dh*o*(1-t*t) + do*wo
			di, df := d*g*i*(1-i), d*c*f*(1-f)
			x[0], x[1], x[2], x[3], x[7] = di, df, d*i*(1-g*g), do, d*f+di*wi+df*wf
		}},
	{"GRUBack", func(x [gateSlices][]float32) { kernel.GRUBack(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]) },
		func(x *[gateSlices]float64) {
			r, z, n, u, h, d := x[0], x[1], x[2], x[5], x[6], x[7]
			dn := d * (1 - z) * (1 - n*n)
			dr, dz := dn*u*r*(1-r), d*(h-n)*z*(1-z)
			x[0], x[1], x[2], x[3], x[4], x[5], x[7] = dr, dz, dn, dr, dz, dn*r, d*z
		}},
	{"MixBack", func(x [gateSlices][]float32) { kernel.MixBack(x[0], x[1], x[2], x[3]) },
		func(x *[gateSlices]float64) {
			z, n, h, d := x[0], x[1], x[2], x[3]
			x[0], x[1], x[3] = d*(n-h)*z*(1-z), d*z*(1-n*n), d*(1-z)
		}},
	{"ResetBack", func(x [gateSlices][]float32) { kernel.ResetBack(x[0], x[1], x[2], x[3]) },
		func(x *[gateSlices]float64) { x[0], x[3] = x[1]*x[2]*x[0]*(1-x[0]), x[3]+x[1]*x[0] }},
	{"TanhSlope", func(x [gateSlices][]float32) { kernel.TanhSlope(x[0], x[1]) },
		func(x *[gateSlices]float64) { x[0] *= 1 - x[1]*x[1] }},
	{"TanhBack", func(x [gateSlices][]float32) { kernel.TanhBack(x[0], x[1], x[2]) },
		func(x *[gateSlices]float64) { x[0] += x[1] * (1 - x[2]*x[2]) }},
	{"SigmoidBack", func(x [gateSlices][]float32) { kernel.SigmoidBack(x[0], x[1], x[2]) },
		func(x *[gateSlices]float64) { x[0] += x[1] * x[2] * (1 - x[2]) }},
}

// Every tier at every length: near the formula in float64, the bits of plain Go, and nothing beside the slices touched.
func TestGates(t *testing.T) {
	for _, f := range gateFunctions {
		want := map[int][gateSlices]kerneltest.Guarded{}
		kerneltest.EachTier(t, func(t *testing.T) {
			s := kerneltest.Source{Seed: 21}
			for n := range 70 {
				var x [gateSlices]kerneltest.Guarded
				var data [gateSlices][]float32
				for i := range x {
					x[i] = kerneltest.NewGuarded(&s, 1, n, n)
					data[i] = x[i].Data
				}
				if n > 3 {
					data[1][n-1], data[2][n/2] = float32(math.Inf(1)), float32(math.NaN())
				}
				before := x
				for i := range before {
					before[i].Grid = x[i].Copy()
				}
				f.slice(data)
				for i := range x {
					x[i].Intact(t)
				}
				if _, ok := want[n]; !ok { // plain Go comes first
					want[n] = x
				}
				for j := range n {
					var y [gateSlices]float64
					for i := range y {
						y[i] = float64(before[i].Data[j])
					}
					f.one(&y)
					for i := range y {
						if got := float64(data[i][j]); !(math.Abs(got-y[i]) <= 1e-6) && y[i] == y[i] && !math.IsInf(y[i], 0) {
							t.Fatalf("%s, value %d of %d in slice %d: %v, want %v", f.name, j, n, i, got, y[i])
						}
					}
				}
				for i := range x {
					kerneltest.RequireSame(t, fmt.Sprintf("%s, slice %d", f.name, i), x[i].Grid, want[n][i].Grid)
				}
			}
		})
	}
}
