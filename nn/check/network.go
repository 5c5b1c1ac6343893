package check

import (
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// Network is a network that ends in a loss, and the batches that it is checked
// on.
type Network struct {
	Kind string // names it where it panics; "network" where it is empty

	// Params are the network's. A check gives them memory and first values.
	Params *nn.Params

	// Shape is that of a whole batch. With four lanes or more, every check has
	// something to tell apart.
	Shape nn.Shape

	// Record records the network on a tape for some of the batch's lanes, and
	// returns what fills its inputs. Hidden states, if it has any, are added to
	// states.
	Record func(t *nn.Tape, states *nn.States) (*zoo.Recording, Fill)

	// First, unless it is nil, sets those first values that are not drawn, and FirstAbout says which.
	First      func()
	FirstAbout string

	// SyncNorms says that batch norms take the moments of the whole batch (nn's Tape.SyncBatchNorm).
	SyncNorms bool

	// Pipelines is how many parts of the network the lanes of a group compute (nn's Tape.Pipelines), which then have
	// the same rows; 0 or 1: none.
	Pipelines int

	Seed  uint64 // keys first values and dropout
	Steps int    // how many are taken; 0 stands for 3

	// Threads is how many goroutines compute where a check does not vary it; 0
	// stands for 2. NewPool makes them, as tensor.NewPool where it is nil.
	Threads int
	NewPool func(threads int) *tensor.Pool

	// NewUpdate returns what moves the parameters [Size] by the gradient of the
	// whole batch [Size], beginning anew; nil stands for steps of length 1/100
	// against it.
	NewUpdate func() Update
}

// Fill fills the inputs of a recorded network with the rows that the tape's
// lanes, of which the first is number lane of the batch, own in a step.
type Fill func(step, lane int) error

// Update moves parameters in a step.
type Update func(pool *tensor.Pool, params, grad []float32, step uint64)

func (n *Network) kind() string {
	if n.Kind == "" {
		return "network"
	}
	return n.Kind
}

func (n *Network) steps() int {
	if n.Steps == 0 {
		return 3
	}
	return n.Steps
}

// meet says that lanes need each other in the midst of a step.
func (n *Network) meet() bool { return n.SyncNorms || n.Pipelines > 1 }

// prepare says so to a tape, of so many lanes together with those that g joins it with.
func (n *Network) prepare(t *nn.Tape, lanes int, g nn.Gatherer) {
	if n.SyncNorms {
		t.SyncBatchNorm(lanes, g)
	}
	if n.Pipelines > 1 {
		t.Pipelines(n.Pipelines, lanes, g)
	}
}

// fewest is how many lanes can be computed without the others: all, where they need each other.
func (n *Network) fewest() int {
	if n.meet() {
		return n.Shape.Lanes
	}
	return 1
}

func (n *Network) threads() int {
	if n.Threads == 0 {
		return 2
	}
	return n.Threads
}

func (n *Network) pool(threads int) *tensor.Pool {
	if n.NewPool == nil {
		return tensor.NewPool(threads)
	}
	return n.NewPool(threads)
}

func (n *Network) update() Update {
	if n.NewUpdate != nil {
		return n.NewUpdate()
	}
	return func(_ *tensor.Pool, params, grad []float32, _ uint64) {
		norm := mark{}.of(grad).norm
		tensor.Axpy(params, float32(-0.01/max(norm, 1e-30)), grad)
	}
}
