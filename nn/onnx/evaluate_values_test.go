package onnx

import (
	"fmt"
	"slices"
)

// value is a tensor as the graph has it: whole numbers, too, in float64.
type value struct {
	shape []int
	data  []float64
}

func elements(shape []int) int {
	n := 1
	for _, side := range shape {
		n *= side
	}
	return n
}

// made is a value of a shape, element by element.
func made(shape []int, at func(i []int) float64) *value {
	y, i := &value{shape, make([]float64, elements(shape))}, make([]int, len(shape))
	for k := range y.data {
		y.data[k] = at(i)
		for d := len(i) - 1; d >= 0; d-- {
			if i[d]++; i[d] < shape[d] {
				break
			}
			i[d] = 0
		}
	}
	return y
}

// at is the element at an index.
func (v *value) at(i ...int) float64 {
	k := 0
	for d, side := range v.shape {
		k = k*side + i[d]
	}
	return v.data[k]
}

// spread is the element at an index of a shape that v is spread over.
func (v *value) spread(i []int) float64 {
	k, skip := 0, len(i)-len(v.shape)
	for d, side := range v.shape {
		if k *= side; side > 1 {
			k += i[skip+d]
		}
	}
	return v.data[k]
}

// spreadOver is the shape of two that are spread over one another: sides are the same or one, from the last on.
func spreadOver(a, b []int) []int {
	if len(a) < len(b) {
		a, b = b, a
	}
	shape := slices.Clone(a)
	for d, side := range b {
		switch at := &shape[len(a)-len(b)+d]; {
		case *at == 1:
			*at = side
		case side != 1 && side != *at:
			panic(fmt.Sprintf("shapes %v and %v do not go together", a, b))
		}
	}
	return shape
}

func each(x *value, f func(float64) float64) *value {
	y := &value{x.shape, make([]float64, len(x.data))}
	for i, v := range x.data {
		y.data[i] = f(v)
	}
	return y
}

// both is of two values that are spread over one another.
func both(a, b *value, f func(a, b float64) float64) *value {
	if slices.Equal(a.shape, b.shape) {
		y := each(a, func(v float64) float64 { return v })
		for i, v := range b.data {
			y.data[i] = f(y.data[i], v)
		}
		return y
	}
	return made(spreadOver(a.shape, b.shape), func(i []int) float64 { return f(a.spread(i), b.spread(i)) })
}

// along is f of all elements along axes, which stay as sides of one.
func along(x *value, axes []int, f func([]float64) float64) *value {
	shape := slices.Clone(x.shape)
	for _, a := range axes {
		shape[counted(a, len(shape))] = 1
	}
	lists := make([][]float64, elements(shape))
	at := made(shape, func([]int) float64 { return 0 })
	for i := range at.data {
		at.data[i] = float64(i)
	}
	k := 0
	made(x.shape, func(i []int) float64 {
		to := int(at.spread(i))
		lists[to] = append(lists[to], x.data[k])
		k++
		return 0
	})
	for i, list := range lists {
		at.data[i] = f(list)
	}
	return at
}

// counted is an index that may count from the end.
func counted(i, n int) int {
	if i < 0 {
		return i + n
	}
	return i
}

func sum(list []float64) (s float64) {
	for _, v := range list {
		s += v
	}
	return s
}

func mean(list []float64) float64 { return sum(list) / float64(len(list)) }

func sumOfSquares(list []float64) (s float64) {
	for _, v := range list {
		s += v * v
	}
	return s
}

// ints are whole numbers that a value holds.
func (v *value) ints() (list []int) {
	for _, x := range v.data {
		list = append(list, int(x))
	}
	return list
}
