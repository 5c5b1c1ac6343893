package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// Ports of TensorFlow and Keras keep weights as those lay them out, and some count a class of
// background first. `weights convert` turns them to the layout of PyTorch, which is ours.

// layouts are the values of --layout.
var layouts = []string{"pytorch", "tensorflow"}

// turned is the shape that a tensor of TensorFlow's layout has in PyTorch's, and which of its
// sides each side of axes is; nil: it stays as it is. A name with "depthwise" in it is that of a
// depthwise convolution, one with "embed" that of a table with a row for each symbol.
//
//	[in, out]                   [out, in]
//	[width, in, out]            [out, in, width]
//	[height, width, in, out]    [out, in, height, width]
//	[height, width, in, m]      [in*m, 1, height, width], depthwise
func turned(name string, shape []int) (axes, to []int) {
	name = strings.ToLower(name)
	switch {
	case len(shape) == 2 && !strings.Contains(name, "embed"):
		axes = []int{1, 0}
	case len(shape) == 3:
		axes = []int{2, 1, 0}
	case len(shape) == 4 && strings.Contains(name, "depthwise"):
		return []int{2, 3, 0, 1}, []int{shape[2] * shape[3], 1, shape[0], shape[1]}
	case len(shape) == 4:
		axes = []int{3, 2, 0, 1}
	default:
		return nil, shape
	}
	for _, a := range axes {
		to = append(to, shape[a])
	}
	return axes, to
}

// laidOut is the shape of a tensor as it is to be written.
func (s *converted) laidOut(i safetensors.Info) []int {
	shape := i.Shape
	if s.turn && i.DType.Floating() {
		_, shape = turned(i.Name, shape)
	}
	if s.dropFirst.Match(i.Name) && len(shape) > 0 && shape[0] > 0 {
		shape = slices.Clone(shape)
		shape[0]--
	}
	return shape
}

// layOut turns a tensor of the source, and leaves out its first row, as the options say.
func (s *converted) layOut(t safetensors.Tensor) (safetensors.Tensor, error) {
	if axes, shape := turned(t.Name, t.Shape); s.turn && axes != nil && t.DType().Floating() {
		t.Data, t.Shape = permute(t, axes), shape
	}
	if !s.dropFirst.Match(t.Name) {
		return t, nil
	}
	if len(t.Shape) == 0 || t.Shape[0] < 2 {
		return t, fmt.Errorf("--drop-first: tensor %s of shape %v has no second row to keep", t.Name, t.Shape)
	}
	row := t.Len() / t.Shape[0]
	t.Shape = slices.Clone(t.Shape)
	t.Shape[0]--
	switch d := t.Data.(type) {
	case []float32:
		t.Data = d[row:]
	case []float64:
		t.Data = d[row:]
	case []safetensors.Float16:
		t.Data = d[row:]
	case []safetensors.BFloat16:
		t.Data = d[row:]
	default:
		return t, fmt.Errorf("--drop-first: tensor %s is of %s; floating values are meant", t.Name, t.DType())
	}
	return t, nil
}

// permute is the elements of a floating tensor with its sides in another order: side i of the
// result is side axes[i] of the tensor.
func permute(t safetensors.Tensor, axes []int) any {
	switch d := t.Data.(type) {
	case []float32:
		return permuted(d, t.Shape, axes)
	case []float64:
		return permuted(d, t.Shape, axes)
	case []safetensors.Float16:
		return permuted(d, t.Shape, axes)
	case []safetensors.BFloat16:
		return permuted(d, t.Shape, axes)
	}
	return t.Data
}

func permuted[E any](from []E, shape, axes []int) []E {
	strides, next := make([]int, len(shape)), 1
	for i := len(shape) - 1; i >= 0; i-- {
		strides[i], next = next, next*shape[i]
	}
	to := make([]E, 0, len(from))
	var walk func(axis, at int)
	walk = func(axis, at int) {
		if axis == len(axes) {
			to = append(to, from[at])
			return
		}
		for range shape[axes[axis]] {
			walk(axis+1, at)
			at += strides[axes[axis]]
		}
	}
	walk(0, 0)
	return to
}
