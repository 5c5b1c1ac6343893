package nn

import (
	"math"

	"github.com/rondo-ml/rondo/nn/portable"
	"github.com/rondo-ml/rondo/tensor"
)

// melScale is a scale of pitch: mel of a frequency in Hz, and back.
type melScale struct {
	mel, hertz func(float64) float64
}

// htkScale is 2595·log₁₀(1 + f/700), as HTK has it.
var htkScale = melScale{
	mel:   func(f float64) float64 { return 2595 * (portable.Log(1+f/700) / math.Ln10) },
	hertz: func(m float64) float64 { return 700 * (portable.Exp(m/2595*math.Ln10) - 1) },
}

// slaneyScale, of Slaney's Auditory Toolbox (1998), is linear to 1000 Hz, 15 mel,
// and logarithmic above, 27 mel for a factor of 6.4.
var slaneyScale = melScale{
	mel: func(f float64) float64 {
		if f < 1000 {
			return 3 * f / 200
		}
		return 15 + float64(27*(portable.Log(f/1000)/portable.Log(6.4)))
	},
	hertz: func(m float64) float64 {
		if m < 15 {
			return 200 * m / 3
		}
		return 1000 * portable.Exp(portable.Log(6.4)*(m-15)/27)
	},
}

// melFilters returns the triangles that add up the bins of a spectrum to bands,
// [N/2+1, bands] for frames of N samples, in the order of bin:
//
//	w[k, b] = max(0, min((f_k - e_b)/(e_{b+1} - e_b), (e_{b+2} - f_k)/(e_{b+2} - e_{b+1})))
//
// with f_k = k·rate/N and the edges e evenly spaced in mel from low to high. With
// area, filter b is multiplied by 2/(e_{b+2} - e_b), which gives all the same area.
func (o *MelOptions) melFilters() tensor.Matrix {
	scale := htkScale
	if o.Slaney {
		scale = slaneyScale
	}
	from, to := scale.mel(o.Low), scale.mel(o.High)
	edges := make([]float64, o.Bands+2)
	for i := range edges {
		edges[i] = scale.hertz(from + float64((to-from)*float64(i)/float64(o.Bands+1)))
	}
	m := tensor.NewMatrix(o.bins(), o.Bands)
	for at := range m.Rows {
		f := float64(o.bin(at)) * float64(o.Rate) / float64(o.FFT)
		for b := range m.Cols {
			up := (f - edges[b]) / (edges[b+1] - edges[b])
			down := (edges[b+2] - f) / (edges[b+2] - edges[b+1])
			w := max(0, min(up, down))
			if o.Area {
				w *= 2 / (edges[b+2] - edges[b])
			}
			m.Row(at)[b] = float32(w)
		}
	}
	return m
}

// cosTurn is cos(2π·i/n).
func cosTurn(i, n int) float64 {
	i = max(i, -i) % n
	return portable.CosPi(2 * float64(min(i, n-i)) / float64(n))
}
