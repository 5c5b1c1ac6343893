package nn

import "github.com/rondo-ml/rondo/tensor"

// Optimizer turns gradients into updates. It is used by one goroutine.
type Optimizer interface {
	// Name is the kind: "adam".
	Name() string

	// Step updates params [Size] by the gradient of the whole batch, grad
	// [Size], at learning rate lr. Step numbers count from 0 and depend on
	// nothing but the run, so a restored run goes on with the right one. The
	// caller says Params.Changed afterwards.
	Step(pool *tensor.Pool, params, grad []float32, lr float64, step uint64)

	// State returns what a checkpoint must hold beside the weights, each part
	// [Size], laid out like the parameters. Writing to Data restores it.
	State() []NamedSlice
}

// NamedSlice is a named part of a state: "adam.m".
type NamedSlice struct {
	Name string
	Data []float32
}

// elementGrain is the least number of elements worth a goroutine.
const elementGrain = 4096
