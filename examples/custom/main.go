// Command custom is a Rondo that knows one more data set, task, kind of model, optimizer and recurrent cell, each in a file of its own:
//
//	moons.go      a data set that is made from a formula
//	quantiles.go  a task: a loss of one's own, what it measures, its fields in a run file
//	age.go        a network with two inputs and a side head
//	lion.go       an optimizer
//	minimal.go    a recurrent cell, written as one step, for every kind of model that has a cell
//
// All commands know them, on one machine and in clusters:
//
//	cd examples/custom && go mod tidy && go build
//	./custom models age
//	./custom train run.yaml --check
//	./custom train run.yaml --workers 2
//	./custom train run.yaml --set optimizer.kind=lion --set optimizer.lr=2e-3 --set checkpoint.dir=../../runs/lion
//	./custom train ../tinyshakespeare.yaml --set model.cell=minimal
//	./custom eval ../../runs/moons --data 'moons:test?count=1000'
package main

import (
	"github.com/rondo-ml/rondo/cmd"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/optim"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// A kind of model names its task, so that is registered first.
func init() {
	samples.Register("moons", openMoons)
	task.Register("quantiles", quantilesKind)
	zoo.Register("age", ageKind)
	optim.Register("lion", lionKind)
	nn.RegisterCell("minimal", nn.ByStep(newMinimal))
}

func main() { cmd.Main() }
