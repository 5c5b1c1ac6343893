package onnx

import (
	"math"
	"slices"
)

// reshaped is the elements of a value in another shape, or what is told of its shape.
func reshaped(n onnxNode, in []*value) *value {
	x := in[0]
	as := func(shape []int) *value {
		if elements(shape) != len(x.data) {
			panic("another number of elements")
		}
		return &value{shape, slices.Clone(x.data)}
	}
	switch n.kind {
	case "Reshape":
		shape, rest := in[1].ints(), -1
		for d, side := range shape {
			switch side {
			case 0: // as it was
				shape[d] = x.shape[d]
			case -1:
				rest, shape[d] = d, 1
			}
		}
		if rest >= 0 {
			shape[rest] = len(x.data) / elements(shape)
		}
		return as(shape)
	case "Flatten":
		return as([]int{x.shape[0], len(x.data) / x.shape[0]})
	case "Unsqueeze":
		shape := slices.Clone(x.shape)
		for _, a := range in[1].ints() { // in order
			shape = slices.Insert(shape, a, 1)
		}
		return as(shape)
	case "Squeeze":
		var shape []int
		for d, side := range x.shape {
			if !slices.Contains(in[1].ints(), d) {
				shape = append(shape, side)
			}
		}
		return as(shape)
	case "Transpose":
		order := n.ints["perm"]
		shape := make([]int, len(order))
		for d, from := range order {
			shape[d] = x.shape[from]
		}
		was := make([]int, len(order))
		return made(shape, func(i []int) float64 {
			for d, from := range order {
				was[from] = i[d]
			}
			return x.at(was...)
		})
	case "Shape":
		return made([]int{len(x.shape)}, func(i []int) float64 { return float64(x.shape[i[0]]) })
	case "ConstantOfShape":
		return made(x.ints(), func([]int) float64 { return 0 })
	case "Range":
		count := int((in[1].data[0] - x.data[0]) / in[2].data[0])
		return made([]int{count}, func(i []int) float64 { return x.data[0] + float64(i[0])*in[2].data[0] })
	}
	return nil
}

// picked is elements of values in other places.
func picked(n onnxNode, in []*value) *value {
	x := in[0]
	moved := func(shape []int, from func(i, was []int)) *value {
		was := make([]int, len(x.shape))
		return made(shape, func(i []int) float64 {
			from(i, was)
			return x.at(was...)
		})
	}
	switch n.kind {
	case "Concat":
		return concat(counted(n.ints["axis"][0], len(x.shape)), in)
	case "Slice":
		return slice(x, in[1:])
	case "Pad":
		before, shape := in[1].ints(), slices.Clone(x.shape)
		for d := range shape {
			shape[d] += before[d] + before[len(shape)+d]
		}
		was := make([]int, len(shape))
		return made(shape, func(i []int) float64 {
			for d, side := range x.shape {
				if was[d] = i[d] - before[d]; was[d] < 0 || was[d] >= side {
					return 0
				}
			}
			return x.at(was...)
		})
	case "Gather":
		axis, rank := n.list("axis", 0)[0], len(in[1].shape)
		return moved(slices.Concat(x.shape[:axis], in[1].shape, x.shape[axis+1:]), func(i, was []int) {
			copy(was, i[:axis])
			was[axis] = counted(int(in[1].at(i[axis:axis+rank]...)), x.shape[axis])
			copy(was[axis+1:], i[axis+rank:])
		})
	case "GatherND": // a place of the second axis for each of the first
		return moved([]int{x.shape[0], x.shape[2]}, func(i, was []int) { was[0], was[1], was[2] = i[0], int(in[1].data[i[0]]), i[1] })
	case "ReverseSequence": // of time first
		return moved(x.shape, func(i, was []int) {
			copy(was, i)
			if long := int(in[1].data[i[1]]); i[0] < long {
				was[0] = long - 1 - i[0]
			}
		})
	case "OneHot":
		depth := int(in[1].data[0])
		return made(append(slices.Clone(x.shape), depth), func(i []int) float64 {
			last := len(i) - 1
			if int(x.at(i[:last]...)) == i[last] {
				return in[2].data[1]
			}
			return in[2].data[0]
		})
	case "Resize":
		return resized(n, x, in[3].ints())
	}
	return nil
}

func concat(axis int, in []*value) *value {
	y := &value{shape: slices.Clone(in[0].shape)}
	y.shape[axis] = 0
	for _, x := range in {
		if x != nil {
			y.shape[axis] += x.shape[axis]
		}
	}
	for outer := range elements(y.shape[:axis]) {
		for _, x := range in {
			if x != nil {
				n := elements(x.shape[axis:])
				y.data = append(y.data, x.data[outer*n:(outer+1)*n]...)
			}
		}
	}
	return y
}

// slice takes from, to, axes (nil: in order) and steps (nil: 1).
func slice(x *value, in []*value) *value {
	shape, first, step := slices.Clone(x.shape), make([]int, len(x.shape)), make([]int, len(x.shape))
	for d := range step {
		step[d] = 1
	}
	for k := range in[0].data {
		axis := k
		if in[2] != nil {
			axis = counted(int(in[2].data[k]), len(shape))
		}
		side := x.shape[axis]
		from, to := counted(int(in[0].data[k]), side), counted(int(in[1].data[k]), side)
		if in[3] != nil {
			step[axis] = int(in[3].data[k])
		}
		if step[axis] < 0 {
			from, to = min(max(from, 0), side-1), min(max(to, -1), side-1)
		} else {
			from, to = min(max(from, 0), side), min(max(to, 0), side)
		}
		first[axis], shape[axis] = from, int(math.Ceil(float64(to-from)/float64(step[axis])))
	}
	was := make([]int, len(shape))
	return made(shape, func(i []int) float64 {
		for d := range i {
			was[d] = first[d] + i[d]*step[d]
		}
		return x.at(was...)
	})
}

// split cuts the last axis into equal parts.
func split(x *value, parts int) (all []*value) {
	shape := slices.Clone(x.shape)
	last := len(shape) - 1
	shape[last] /= parts
	for p := range parts {
		all = append(all, made(shape, func(i []int) float64 {
			was := slices.Clone(i)
			was[last] += p * shape[last]
			return x.at(was...)
		}))
	}
	return all
}

// reduced is one value of all along some axes.
func reduced(n onnxNode, in []*value) *value {
	f := map[string]func([]float64) float64{
		"ReduceMax":  slices.Max[[]float64],
		"ReduceMean": mean,
		"ReduceSum":  sum,
		"ReduceL2":   func(list []float64) float64 { return math.Sqrt(sumOfSquares(list)) },
	}[n.kind]
	if f == nil {
		return nil
	}
	axes := n.ints["axes"]
	if n.kind == "ReduceSum" {
		axes = in[1].ints()
	}
	y := along(in[0], axes, f)
	if n.list("keepdims", 1)[0] == 0 {
		var shape []int
		for d, side := range y.shape {
			if !slices.Contains(axes, d) && !slices.Contains(axes, d-len(y.shape)) {
				shape = append(shape, side)
			}
		}
		y.shape = shape
	}
	return y
}

// resized is an image of another size: what a pixel is made of is the same for all lines, and for all columns.
func resized(n onnxNode, x *value, shape []int) *value {
	down, across := stencil(n, x.shape[2], shape[2]), stencil(n, x.shape[3], shape[3])
	return made(shape, func(i []int) float64 {
		s := 0.0
		for p, a := range down[i[2]] {
			for q, b := range across[i[3]] {
				s += a * b * x.at(i[0], i[1], p, q)
			}
		}
		return s
	})
}

// stencil is the weights of pixels, by their numbers, in each of those that they become.
func stencil(n onnxNode, in, out int) []map[int]float64 {
	list := make([]map[int]float64, out)
	for i := range list {
		at := float64(i) * float64(in) / float64(out) // asymmetric
		switch n.texts["coordinate_transformation_mode"][0] {
		case "half_pixel":
			at = (float64(i)+0.5)*float64(in)/float64(out) - 0.5
		case "align_corners":
			at = float64(i) * float64(in-1) / float64(max(1, out-1))
		}
		floor := math.Floor(at)
		list[i] = map[int]float64{}
		add := func(k int, by float64) { list[i][min(max(int(floor)+k, 0), in-1)] += by }
		switch s, a := at-floor, n.floats["cubic_coeff_a"]; n.texts["mode"][0] {
		case "nearest":
			add(0, 1)
		case "linear":
			add(0, 1-s)
			add(1, s)
		case "cubic": // Keys (1981)
			near := func(d float64) float64 { return ((a+2)*d-(a+3))*d*d + 1 }
			far := func(d float64) float64 { return ((a*d-5*a)*d+8*a)*d - 4*a }
			add(-1, far(1+s))
			add(0, near(s))
			add(1, near(1-s))
			add(2, far(2-s))
		}
	}
	return list
}
