// Package layerstest has a small network and what is measured of it, for tests.
package layerstest

import "github.com/rondo-ml/rondo/coordinator/api"

// TwoLayers is a network of a convolution and a linear layer behind a rectifier, and a norm without matrices.
func TwoLayers() *api.Network {
	return &api.Network{Layers: []*api.Layer{
		{Name: "conv", Kind: "conv2d", Inputs: []int32{-1}, Shape: []int32{4, 4, 8}, Rectifies: true, Parameters: []*api.Parameter{{Name: "conv.weight", Shape: []int32{8, 3, 3, 3}}, {Name: "conv.bias", Shape: []int32{8}}}},
		{Name: "bn", Kind: "batch norm", Inputs: []int32{0}, Parameters: []*api.Parameter{{Name: "bn.weight", Shape: []int32{8}}}},
		{Name: "fc", Kind: "linear", Inputs: []int32{1}, Shape: []int32{10}, Parameters: []*api.Parameter{{Name: "fc.weight", Shape: []int32{10, 128}}}},
	}}
}

// Measured is a step in which the updates of both matrices are a thousandth of them, and their gradient has a norm.
func Measured(step uint64, gradient float64) *api.Health {
	of := func(norm float64) *api.Distribution {
		return &api.Distribution{Count: 4, Norm: norm, Quantiles: []float32{1}}
	}
	parameter := func() *api.ParameterHealth {
		return &api.ParameterHealth{Weight: of(2), Gradient: of(gradient), Update: of(0.002)}
	}
	return &api.Health{Step: step, CostNs: 5e6, Layers: []*api.LayerHealth{
		{Output: &api.Distribution{Count: 8, Zeros: 2, Mean: 1}, Units: 8, ForwardNs: 2e6, BackwardNs: 3e6, Parameters: []*api.ParameterHealth{parameter(), parameter()}},
		{Parameters: []*api.ParameterHealth{parameter()}},
		{Parameters: []*api.ParameterHealth{parameter()}},
	}}
}
