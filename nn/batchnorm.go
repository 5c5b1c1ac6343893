package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// BatchNorm is torch.nn.BatchNorm1d and 2d (Ioffe and Szegedy, 2015), channel by
// channel:
//
//	y = (x - mean)/√(variance + Eps)·Weight + Bias
//
// While training, mean and variance are those of each lane's own rows, of all
// its steps and pixels, the variance divided by their number; so they depend on
// the run file's lanes and not on the workers. Under [Tape.SyncBatchNorm] they are those of the
// rows of all lanes. Mean and Variance follow them (see [Statistic]), the
// variance divided by the rows less one, and take their place for inference.
//
// An addition and an element-wise function behind the norm cost no pass over
// memory of their own ([Tape.Fusions]).
type BatchNorm struct {
	Name           string
	Weight, Bias   *Param     // [channels]; nil with NoAffine
	Mean, Variance *Statistic // nil with NoRunning
	BatchNormOptions

	channels int
}

// BatchNormOptions are what batch norms differ in. The zero value is PyTorch's
// default.
type BatchNormOptions struct {
	Eps float32 // added to the variance; 0 stands for 1e-5

	// Momentum is the share of a step in the running statistics; 0 stands for 0.1. It is PyTorch's; Keras's is one
	// less it.
	Momentum float32

	NoAffine bool // neither weight nor bias: affine=False

	// NoRunning keeps no running statistics (track_running_stats=False): those of the batch serve at inference too.
	// An output row then depends on the other rows of its lane, also at inference: on what it is batched with.
	NoRunning bool

	// Frozen uses the running statistics while training too and leaves them as they are, as for fine-tuning. Weight and
	// bias learn on. Rows are then independent in training.
	Frozen bool
}

// NewBatchNorm registers name.weight (1), name.bias (0), name.running_mean (0),
// name.running_var (1) and name.num_batches_tracked, as far as the options want
// them. It panics when they contradict each other.
func NewBatchNorm(ps *Params, name string, channels int, o BatchNormOptions) *BatchNorm {
	if o.Eps == 0 {
		o.Eps = 1e-5
	}
	if o.Momentum == 0 {
		o.Momentum = 0.1
	}
	switch {
	case o.NoRunning && o.Frozen:
		panic(fmt.Sprintf("nn: %s has no running statistics (NoRunning) to use as they are (Frozen)", name))
	case !(o.Eps > 0) || !(o.Momentum > 0 && o.Momentum <= 1):
		panic(fmt.Sprintf("nn: %s takes an eps above 0 and a momentum above 0 and at most 1, got %v and %v", name, o.Eps, o.Momentum))
	}
	b := &BatchNorm{Name: name, BatchNormOptions: o, channels: channels}
	if !o.NoRunning {
		ps.AddCounter(name + ".num_batches_tracked").Fixed = o.Frozen
	}
	if !o.NoAffine {
		b.Weight = ps.Add(name+".weight", ConstantInit(1), channels)
		b.Bias = ps.Add(name+".bias", ConstantInit(0), channels)
	}
	if !o.NoRunning {
		b.Mean = ps.AddStatistic(name+".running_mean", 0, o.Momentum, channels)
		b.Variance = ps.AddStatistic(name+".running_var", 1, o.Momentum, channels)
		b.Mean.Fixed, b.Variance.Fixed = o.Frozen, o.Frozen
	}
	return b
}

// fixed says that the running statistics serve while training too.
func (b *BatchNorm) fixed() bool {
	return b.Frozen || !b.NoRunning && b.Mean.Fixed && b.Variance.Fixed
}

// Forward records y, of x's shape. It panics when x has not the norm's channels,
// and refuses a shape of which a lane has but one value of each ([Tape.Err]).
func (b *BatchNorm) Forward(t *Tape, x *Node) *Node {
	if x.Cols != b.channels {
		panic(fmt.Sprintf("nn: %s takes %d channels, got %d (%v)", b.Name, b.channels, x.Cols, x))
	}
	op := &batchNorm{BatchNorm: b, tape: t, x: x, y: t.like(x), lanes: 1, steps: 1}
	op.ofBatch = b.NoRunning || t.learns() && !b.fixed()
	if op.ofBatch || t.Mode == Training {
		op.lanes, op.steps = x.Layout.Lanes, x.Layout.Steps
	}
	if op.ofBatch && t.Mode == Training && t.sync != nil {
		op.sync = t.sync.join(t, b.Name, x.Cols, 0)
	}
	b.checkRows(op)
	for _, p := range []**Buffer{&op.mean, &op.variance, &op.scale, &op.shift, &op.u, &op.v} {
		*p = t.Buffer(op.steps * op.lanes * x.Cols)
	}
	use := Use{
		Name: b.Name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Keep: []*Node{x},
		Saved: []*Buffer{op.mean, op.variance, op.scale, op.shift}, Scratch: []*Buffer{op.u, op.v},
		Sets: true, InPlace: true, Strided: true,
	}
	if !b.NoAffine {
		op.weight, op.bias = t.Param(b.Weight), t.Param(b.Bias)
		use.Weights = []*Weight{op.weight, op.bias}
	}
	if op.measures() {
		t.measures[b.Mean], t.measures[b.Variance] = true, true
	}
	t.Record(op, use)
	return op.y
}

// checkRows refuses a shape of which one value of a channel would be all that a variance is taken of.
func (b *BatchNorm) checkRows(op *batchNorm) {
	rows := op.x.Rows / op.lanes
	switch {
	case op.sync != nil && op.sync.rows(rows) < 2:
		op.tape.Refuse(fmt.Errorf("%s has one value of each channel in the batch to take the variance of; "+
			"give it more rows (batch.global) or larger images", b.Name))
	case op.sync == nil && op.ofBatch && rows < 2:
		op.tape.Refuse(fmt.Errorf("%s has one value of each channel in a lane to take the variance of; "+
			"give a lane more rows (fewer batch.lanes or a larger batch.global) or larger images, or set sync_batchnorm", b.Name))
	}
}

// batchNorm has one lane of one step for inference with running statistics. Its
// small matrices are [steps*lanes, channels]: a lane is one block of rows in every
// step, and so it has its values again for every step.
type batchNorm struct {
	*BatchNorm
	tape         *Tape
	x, y         *Node
	weight, bias *Weight // nil without
	lanes, steps int
	ofBatch      bool      // mean and variance are those of its rows
	sync         *normSync // and of those of the other lanes, or nil

	add *Node            // added behind the norm, or nil
	r   tensor.Rectifier // behind that
	f   *fusedActivation // or another function, or nil

	mean, variance *Buffer // of each lane
	scale, shift   *Buffer // Weight/√(variance + Eps), and Bias - mean·scale
	u, v           *Buffer // backward: the sums, then b and c

	measured, summed bool // by the convolutions that write x and the gradient of y while they have them in cache
}

// measures says whether it moves the running statistics.
func (o *batchNorm) measures() bool { return o.ofBatch && o.tape.Mode == Training && !o.NoRunning }

// plain says that nothing behind the norm is merged with it, but for an addition.
func (o *batchNorm) plain() bool { return o.r == tensor.Identity && o.f == nil }

// apply has the norm compute f of its result, with what that means for its use.
func (o *batchNorm) apply(f activation, use *Use) {
	if o.r = f.rectifier; o.r == tensor.Identity {
		o.f = newFusedActivation(o, f)
	}
	switch {
	case o.f == nil && o.add == nil: // what passed the rectifier follows from x
	case o.f == nil, !f.keepsGiven:
		use.Keep = append(use.Keep, o.y)
	case o.add != nil: // what f was given is computed again
		use.Keep = append(use.Keep, o.add)
	}
}
