package optim

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Optimizer turns gradients into updates. It is used by one goroutine.
type Optimizer interface {
	// Name is the kind: "adam".
	Name() string

	// Step updates params [Size] by the gradient of the whole batch, grad
	// [Size], at learning rate lr; it may overwrite grad. Step numbers count from 0 and depend on
	// nothing but the run, so a restored run goes on with the right one. The
	// caller tells the parameters' owner afterwards (nn.Params.Changed).
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

// must panics when a choice is out of range: those of a run file were checked
// when it was read.
func must(what string, ok bool, value float64) {
	if !ok {
		panic(fmt.Sprintf("optim: %s is %v", what, value))
	}
}

// fraction panics when value is not in [0, 1).
func fraction(what string, value float64) { must(what, value >= 0 && value < 1, value) }

// notNegative panics when value is below 0 or NaN.
func notNegative(what string, value float64) { must(what, value >= 0, value) }
