package tensor

import "math"

// NearestStencil takes so many pixels to out by the pixel that each of them falls on, rounded down, as PyTorch's
// "nearest". scale is the pixels of the input to one of the output; zero stands for in/out.
func NearestStencil(in, out int, scale float64) Stencil {
	s := newStencil(in, out)
	step := float32(in) / float32(out)
	if scale != 0 {
		step = float32(scale)
	}
	for o := range out {
		at := math.Floor(float64(float32(float32(o) * step)))
		s.First[o], s.Weights[o] = min(int(at), in-1), []float32{1}
	}
	return s
}

// BilinearStencil takes so many pixels to out by lines between neighbours. With alignCorners the centers of the
// corner pixels are the corners of the image, else their outer edges are; see NearestStencil for scale.
func BilinearStencil(in, out int, scale float64, alignCorners bool) Stencil {
	s := newStencil(in, out)
	for o := range out {
		at := max(0, sourceOf(o, in, out, scale, alignCorners))
		first := min(int(at), in-1)
		right := min(at-float64(first), 1)
		s.First[o], s.Weights[o] = first, []float32{float32(1 - right), float32(right)}
		if first == in-1 {
			s.Weights[o] = []float32{1}
		}
	}
	return s
}

// cubicA is the free parameter of the cubic kernel, as PyTorch has it.
const cubicA = -0.75

// BicubicStencil takes so many pixels to out by the cubic convolution of Keys (1981) with a = -0.75. Beyond the edge
// the image goes on with the pixels there. The rest is as BilinearStencil.
func BicubicStencil(in, out int, scale float64, alignCorners bool) Stencil {
	s := newStencil(in, out)
	near := func(x float64) float64 { // |x| <= 1
		return float64(float64(float64(float64((cubicA+2)*x)-(cubicA+3))*x)*x) + 1
	}
	far := func(x float64) float64 { // 1 < |x| < 2
		return float64(float64(float64(float64(float64(cubicA*x)-5*cubicA)*x)+8*cubicA)*x) - 4*cubicA
	}
	for o := range out {
		at := sourceOf(o, in, out, scale, alignCorners)
		floor := math.Floor(at)
		t, base := at-floor, int(floor)-1
		first, last := min(max(0, base), in-1), min(max(0, base+3), in-1)
		weights := make([]float64, last-first+1)
		for i, w := range [...]float64{far(t + 1), near(t), near(1 - t), far(2 - t)} {
			weights[min(max(0, base+i), in-1)-first] += w
		}
		s.First[o] = first
		for _, w := range weights {
			s.Weights[o] = append(s.Weights[o], float32(w))
		}
	}
	return s
}

func newStencil(in, out int) Stencil {
	return Stencil{In: in, First: make([]int, out), Weights: make([][]float32, out)}
}

// sourceOf is where the center of output o lies among the centers of the input.
func sourceOf(o, in, out int, scale float64, alignCorners bool) float64 {
	switch {
	case alignCorners && out == 1:
		return 0
	case alignCorners:
		return float64(float64(o) * (float64(in-1) / float64(out-1)))
	case scale == 0:
		scale = float64(in) / float64(out)
	}
	return float64(scale*(float64(o)+0.5)) - 0.5
}
