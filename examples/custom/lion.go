package main

import (
	"github.com/rondo-ml/rondo/nn/optim"
	"github.com/rondo-ml/rondo/tensor"
)

// lionKind declares the optimizer.
var lionKind = optim.Kind[lion]{
	About:    "steps of one size, in the direction of a mean gradient's signs",
	Defaults: lion{Beta1: 0.9, Beta2: 0.99},
	New: func(c lion, groups []optim.Group, decay float64) optim.Optimizer {
		return &lionState{lion: c, groups: groups, decay: decay, m: make([]float32, optim.Size(groups))}
	},
}

// lion is the optimizer of Chen et al. ("Symbolic discovery of optimization algorithms", 2023). Its fields stand in a run
// file's section optimizer, beside those that all optimizers have.
type lion struct {
	Beta1 float64 `field:"beta1" allowed:"[0, 1)" about:"what a step's direction has of the memory"`
	Beta2 float64 `field:"beta2" allowed:"[0, 1)" about:"memory of the mean gradient"`
}

type lionState struct {
	lion
	groups []optim.Group
	decay  float64
	m      []float32 // [Size] the mean gradient
}

func (o *lionState) Name() string { return "lion" }

// State is all that a checkpoint has to keep.
func (o *lionState) State() []optim.NamedSlice {
	return []optim.NamedSlice{{Name: "lion.m", Data: o.m}}
}

// Step computes, element by element,
//
//	u = sign(Beta1·m + (1-Beta1)·g)
//	p = p - lr·(u + decay·p)
//	m = Beta2·m + (1-Beta2)·g
//
// Each product is rounded by itself, as some processors would fuse it with the sum and others not.
func (o *lionState) Step(pool *tensor.Pool, params, grad []float32, lr float64, _ uint64) {
	keep1, take1 := float32(o.Beta1), float32(1-o.Beta1)
	keep2, take2 := float32(o.Beta2), float32(1-o.Beta2)
	for _, g := range o.groups {
		rate, decay := float32(lr*g.Rate), float32(0)
		if g.Decays {
			decay = float32(o.decay)
		}
		if g.Rate == 0 { // frozen
			continue
		}
		pool.For(g.End-g.Begin, 4096, func(lo, hi int) {
			for i := g.Begin + lo; i < g.Begin+hi; i++ {
				p, m, d := params[i], o.m[i], grad[i]
				u := sign(float32(keep1*m) + float32(take1*d))
				params[i] = p - float32(rate*(u+float32(decay*p)))
				o.m[i] = float32(keep2*m) + float32(take2*d)
			}
		})
	}
}

func sign(x float32) float32 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // zero, or what is no number
}
