package onnx

import "math"

// recurrent is RNN, GRU or LSTM, with the equations and names of ONNX. Inputs: x, W, R, B, lengths, h, c, P.
func recurrent(n onnxNode, in []*value) []*value {
	x, w, r, size := in[0], in[1], in[2], n.ints["hidden_size"][0]
	steps, rows := x.shape[0], x.shape[1]
	state := func(given *value) *value {
		return made([]int{1, rows, size}, func(i []int) float64 {
			if given == nil {
				return 0
			}
			return given.at(i...)
		})
	}
	h, c := state(in[5]), state(in[6])
	y := made([]int{steps, 1, rows, size}, func([]int) float64 { return 0 })
	row := func(v *value, i int) []float64 {
		width := v.shape[len(v.shape)-1]
		return v.data[i*width:][:width]
	}
	for t := range steps {
		for b := range rows {
			if in[4] != nil && t >= int(in[4].data[b]) {
				continue
			}
			k := &gates{n: n, size: size, peepholes: in[7], h: row(h, b), c: row(c, b)}
			k.x = func(unit int) float64 { return dot(row(w, unit), row(x, t*rows+b)) + in[3].data[unit] }
			k.r = func(unit int, h []float64) float64 { return dot(row(r, unit), h) + in[3].data[w.shape[1]+unit] }
			copy(k.h, k.step())
			copy(row(y, t*rows+b), k.h)
		}
	}
	return []*value{y, h, c}
}

func dot(a, b []float64) (s float64) {
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// gates computes a step of a row.
type gates struct {
	n         onnxNode
	size      int
	peepholes *value
	h, c      []float64
	x         func(unit int) float64              // what the input gives to a unit of a gate
	r         func(unit int, h []float64) float64 // what the state gives
}

// step is the next h; the next c is put in its place.
func (k *gates) step() []float64 {
	next := make([]float64, k.size)
	unit := func(gate, j int) int { return gate*k.size + j }
	switch k.n.kind {
	case "RNN":
		for j := range next {
			if next[j] = k.x(j) + k.r(j, k.h); len(k.n.texts["activations"]) > 0 {
				next[j] = max(0, next[j])
			} else {
				next[j] = math.Tanh(next[j])
			}
		}
	case "GRU": // z, r, h
		reset := make([]float64, k.size)
		for j := range reset {
			reset[j] = sigmoid(k.x(unit(1, j)) + k.r(unit(1, j), k.h))
		}
		kept := make([]float64, k.size)
		for j, v := range k.h {
			kept[j] = reset[j] * v
		}
		for j := range next {
			z := sigmoid(k.x(unit(0, j)) + k.r(unit(0, j), k.h))
			inner := k.x(unit(2, j))
			if k.n.ints["linear_before_reset"][0] == 1 {
				inner += reset[j] * k.r(unit(2, j), k.h)
			} else {
				inner += k.r(unit(2, j), kept)
			}
			next[j] = (1-z)*math.Tanh(inner) + z*k.h[j]
		}
	case "LSTM": // i, o, f, c; peepholes i, o, f
		for j := range next {
			gate := func(g int, c float64) float64 {
				s := k.x(unit(g, j)) + k.r(unit(g, j), k.h)
				if k.peepholes != nil && g < 3 {
					s += k.peepholes.data[unit(g, j)] * c
				}
				return s
			}
			was := k.c[j]
			k.c[j] = sigmoid(gate(2, was))*was + sigmoid(gate(0, was))*math.Tanh(gate(3, was))
			next[j] = sigmoid(gate(1, k.c[j])) * math.Tanh(k.c[j])
		}
	}
	return next
}

// scan computes a graph step by step over the inputs behind the states: the states at the end, and what comes behind them in
// the graph's outputs of all steps.
func (e *evaluation) scan(n onnxNode, in []*value) []*value {
	names := func(list [][]byte) (all []string) {
		for _, b := range list {
			all = append(all, string(fields(e.t, b)[1][0]))
		}
		return all
	}
	inputs, outputs := names(n.body[11]), names(n.body[12])
	states := len(inputs) - n.ints["num_scan_inputs"][0]
	for i, name := range inputs[:states] {
		e.values[name] = in[i]
	}
	made := make([]*value, len(outputs)-states)
	for t := range in[states].shape[0] {
		for i, name := range inputs[states:] {
			x := in[states+i]
			size := elements(x.shape[1:])
			e.values[name] = &value{x.shape[1:], x.data[t*size:][:size]}
		}
		e.graph(n.body)
		for i, name := range outputs[states:] {
			y := e.values[name]
			if made[i] == nil {
				made[i] = &value{shape: append([]int{in[states].shape[0]}, y.shape...)}
			}
			made[i].data = append(made[i].data, y.data...)
		}
		for i, name := range inputs[:states] {
			e.values[name] = e.values[outputs[i]]
		}
	}
	var all []*value
	for _, name := range inputs[:states] {
		all = append(all, e.values[name])
	}
	return append(all, made...)
}
