package runfile

import (
	"math"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// What the kinds may be that the zoo does not know of.
var (
	Wires        = []string{"float32", "bf16"}
	Precisions   = []string{"float32", "bf16"}
	Convolutions = []string{"direct", "winograd"}
)

// maxSteps keeps a step within the nine digits of a checkpoint's name.
const maxSteps = 999_999_999

// field is one field of the run file.
type field struct {
	path   string              // as users write it, batch.lanes
	role   role                // what it means to the processes of a run
	unsaid string              // the value that is left out of Bits: that of all files from before the field was
	old    bool                // in Bits whatever the kinds sgd and adam read: all files had it when there were no others
	at     func(*File) any     // *string, *int, *uint64, *float64, *bool, **bool or *[]int
	within span                // what a number may be
	oneOf  func() []string     // what a word may be; nil: any text
	check  func(string) string // of a text: what is wanted, or "" when it will do
	about  string              // what it is, for those who read --print-config
}

// role says which processes of a run must agree in a field, and whose value counts.
type role int

const (
	ofBits        role = 1 + iota // it decides the bits of the result: all must have the same value, see Bits
	ofCoordinator                 // it decides no bits, but all must act alike: workers take the coordinator's value, see Settings
	ofProcess                     // where a process finds what is the same for all: its own value counts, and what lies there is compared
)

func among(list *[]string) func() []string { return func() []string { return *list } }

// fields lists every field in the order in which YAML prints them; those of a section lie together.
var fields = []field{
	{path: "name", role: ofCoordinator, at: func(f *File) any { return &f.Name }, check: wantName, about: "of the run"},
	{path: "seed", role: ofBits, at: func(f *File) any { return &f.Seed }, about: "keys every random stream"},

	{path: "model.kind", role: ofBits, at: func(f *File) any { return &f.Model.Kind }, oneOf: zoo.Names, about: "the command models lists them"},
	{path: "model.cell", role: ofBits, at: func(f *File) any { return &f.Model.Cell }, oneOf: nn.Cells},
	{path: "model.hidden", role: ofBits, at: func(f *File) any { return &f.Model.Hidden }, within: from(1, 65536), about: "units in a layer"},
	{path: "model.layers", role: ofBits, at: func(f *File) any { return &f.Model.Layers }, within: from(1, 64)},
	{path: "model.embed", role: ofBits, at: func(f *File) any { return &f.Model.Embed }, within: from(1, 65536), about: "width of the embedding"},
	{path: "model.dropout", role: ofBits, at: func(f *File) any { return &f.Model.Dropout }, within: span{lo: 0, hi: 1, below: true}},
	{path: "model.weight_norm", role: ofBits, at: func(f *File) any { return &f.Model.WeightNorm }, about: "default: true for mlstm alone"},
	{path: "model.vocab", role: ofBits, at: func(f *File) any { return &f.Model.Vocab }, within: from(256, 65536), about: "symbols; 256 for bytes"},
	{path: "model.classes", role: ofBits, at: func(f *File) any { return &f.Model.Classes }, within: from(1, 65536), about: "what images are told apart into"},
	{path: "model.image", role: ofBits, at: func(f *File) any { return &f.Model.Image }, within: from(1, 1024), about: "height and width in pixels"},
	{path: "model.channels", role: ofBits, at: func(f *File) any { return &f.Model.Channels }, within: from(1, 1024), about: "1 for grey, 3 for colour"},

	{path: "data.train", role: ofProcess, at: func(f *File) any { return &f.Data.Train }, check: wantTrain, about: "directory; generated:NAME?count=N for images"},
	{path: "data.valid", role: ofProcess, at: func(f *File) any { return &f.Data.Valid }, check: wantData, about: "held out; empty: no evaluation"},

	{path: "batch.global", role: ofBits, at: func(f *File) any { return &f.Batch.Global }, within: from(1, 1<<20), about: "rows in a step, whatever the number of workers"},
	{path: "batch.lanes", role: ofBits, at: func(f *File) any { return &f.Batch.Lanes }, within: from(1, 999), about: "equal parts of the batch; up to this many workers"},
	{path: "batch.length", role: ofBits, at: func(f *File) any { return &f.Batch.Length }, within: from(1, 1<<20), about: "time steps in a row"},

	{path: "optimizer.kind", role: ofBits, at: func(f *File) any { return &f.Optimizer.Kind }, oneOf: kindsOf("optimizer")},
	{path: "optimizer.lr", role: ofBits, at: func(f *File) any { return &f.Optimizer.LR }, within: span{hi: inf, above: true}, about: "largest learning rate"},
	{path: "optimizer.lr_batch", role: ofBits, at: func(f *File) any { return &f.Optimizer.LRBatch }, unsaid: "0", within: from(0, 1<<20), about: "rows that lr, floor and start are meant for: they grow with batch.global; 0: as they stand"},
	{path: "optimizer.momentum", role: ofBits, at: func(f *File) any { return &f.Optimizer.Momentum }, old: true, within: span{hi: 1, below: true}},
	{path: "optimizer.nesterov", role: ofBits, at: func(f *File) any { return &f.Optimizer.Nesterov }, unsaid: "false", about: "look ahead by the momentum"},
	{path: "optimizer.beta1", role: ofBits, at: func(f *File) any { return &f.Optimizer.Beta1 }, old: true, within: span{hi: 1, below: true}, about: "memory of the mean gradient"},
	{path: "optimizer.beta2", role: ofBits, at: func(f *File) any { return &f.Optimizer.Beta2 }, old: true, within: span{hi: 1, below: true}, about: "memory of its mean square"},
	{path: "optimizer.alpha", role: ofBits, at: func(f *File) any { return &f.Optimizer.Alpha }, within: span{hi: 1, below: true}, about: "memory of the mean square"},
	{path: "optimizer.centered", role: ofBits, at: func(f *File) any { return &f.Optimizer.Centered }, about: "divide by the deviation from the mean gradient"},
	{path: "optimizer.rate_decay", role: ofBits, at: func(f *File) any { return &f.Optimizer.RateDecay }, within: span{hi: inf}, about: "step s has lr/(1 + s*rate_decay)"},
	{path: "optimizer.initial", role: ofBits, at: func(f *File) any { return &f.Optimizer.Initial }, within: span{hi: inf}, about: "what the sums of squares start from"},
	{path: "optimizer.trust", role: ofBits, at: func(f *File) any { return &f.Optimizer.Trust }, within: span{hi: inf, above: true}, about: "an update is about lr*trust of its parameter's norm"},
	{path: "optimizer.eps", role: ofBits, at: func(f *File) any { return &f.Optimizer.Eps }, old: true, within: span{hi: inf, above: true}},
	{path: "optimizer.weight_decay", role: ofBits, at: func(f *File) any { return &f.Optimizer.WeightDecay }, within: span{hi: inf}},
	{path: "optimizer.decay_norms", role: ofBits, at: func(f *File) any { return &f.Optimizer.DecayNorms }, unsaid: "true", about: "false: weight_decay and l1 leave norms and biases alone"},
	{path: "optimizer.l1", role: ofBits, at: func(f *File) any { return &f.Optimizer.L1 }, unsaid: "0", within: span{hi: inf}, about: "pull towards zero, l1*sign(p)"},
	{path: "optimizer.clip", role: ofBits, at: func(f *File) any { return &f.Optimizer.Clip }, within: span{hi: inf}, about: "largest norm of the whole gradient; 0: none"},
	{path: "optimizer.clip_value", role: ofBits, at: func(f *File) any { return &f.Optimizer.ClipValue }, unsaid: "0", within: span{hi: inf}, about: "largest element of the gradient; 0: none"},
	{path: "optimizer.average", role: ofBits, at: func(f *File) any { return &f.Optimizer.Average }, unsaid: "0", within: span{hi: 1, below: true}, about: "decay of an average of the weights, which is evaluated; 0: none"},

	{path: "schedule.kind", role: ofBits, at: func(f *File) any { return &f.Schedule.Kind }, oneOf: kindsOf("schedule")},
	{path: "schedule.warmup", role: ofBits, at: func(f *File) any { return &f.Schedule.Warmup }, within: from(0, maxSteps), about: "steps"},
	{path: "schedule.start", role: ofBits, at: func(f *File) any { return &f.Schedule.Start }, within: span{hi: inf}, about: "learning rate of the first step"},
	{path: "schedule.floor", role: ofBits, at: func(f *File) any { return &f.Schedule.Floor }, within: span{hi: inf}, about: "lowest learning rate"},
	{path: "schedule.every", role: ofBits, at: func(f *File) any { return &f.Schedule.Every }, within: from(1, maxSteps), about: "steps to a fall, or in the first cycle"},
	{path: "schedule.at", role: ofBits, at: func(f *File) any { return &f.Schedule.At }, within: from(1, maxSteps), about: "steps at which it falls"},
	{path: "schedule.factor", role: ofBits, at: func(f *File) any { return &f.Schedule.Factor }, within: span{hi: 1, above: true}, about: "of each fall"},
	{path: "schedule.growth", role: ofBits, at: func(f *File) any { return &f.Schedule.Growth }, within: from(1, maxSteps), about: "of each cycle over the one before"},
	{path: "schedule.power", role: ofBits, at: func(f *File) any { return &f.Schedule.Power }, within: span{hi: inf, above: true}},
	{path: "schedule.rise", role: ofBits, at: func(f *File) any { return &f.Schedule.Rise }, within: span{hi: 1, above: true, below: true}, about: "part of the run in which it rises"},
	{path: "schedule.patience", role: ofBits, at: func(f *File) any { return &f.Schedule.Patience }, within: from(0, maxSteps), about: "evaluations without progress that are borne"},
	{path: "schedule.threshold", role: ofBits, at: func(f *File) any { return &f.Schedule.Threshold }, within: span{hi: 1, below: true}, about: "least progress, as a share of the best loss"},
	{path: "schedule.cooldown", role: ofBits, at: func(f *File) any { return &f.Schedule.Cooldown }, within: from(0, maxSteps), about: "evaluations after a fall that are not counted"},

	{path: "ring.wire", role: ofBits, at: func(f *File) any { return &f.Ring.Wire }, oneOf: among(&Wires), about: "form in which gradients travel; bf16 halves the bytes and rounds every sum"},

	{path: "steps", role: ofBits, at: func(f *File) any { return &f.Steps }, within: from(1, maxSteps)},

	{path: "eval.every", role: ofCoordinator, at: func(f *File) any { return &f.Eval.Every }, within: from(0, maxSteps), about: "steps; 0: only at the end"},
	{path: "eval.batches", role: ofCoordinator, at: func(f *File) any { return &f.Eval.Batches }, within: from(0, maxSteps), about: "0: the whole held-out set"},

	{path: "checkpoint.dir", role: ofProcess, at: func(f *File) any { return &f.Checkpoint.Dir }, check: wantDir},
	{path: "checkpoint.every", role: ofCoordinator, at: func(f *File) any { return &f.Checkpoint.Every }, within: from(0, maxSteps), about: "steps; 0: only at the end"},
	{path: "checkpoint.keep", role: ofCoordinator, at: func(f *File) any { return &f.Checkpoint.Keep }, within: from(1, 1<<20), about: "the newest ones"},

	{path: "precision", role: ofBits, at: func(f *File) any { return &f.Precision }, oneOf: among(&Precisions), about: "of the operands of matrix products; sums and weights are float32"},
	{path: "convolution", role: ofBits, unsaid: "direct", at: func(f *File) any { return &f.Convolution }, oneOf: among(&Convolutions), about: "winograd: those of 3x3 taps without stride by F(2x2, 3x3), which multiplies less; rounds otherwise"},
	{path: "mixed_tiers", role: ofBits, at: func(f *File) any { return &f.MixedTiers }, about: "let workers of RONDO_TIER=go-fast join others; the bits are then no promise"},
	{path: "sync_batchnorm", role: ofBits, at: func(f *File) any { return &f.SyncBatchNorm }, about: "statistics over the global batch; false alone can be had yet"},
}

var inf = math.Inf(1)

// from is the span of the whole numbers lo to hi.
func from(lo, hi float64) span { return span{lo: lo, hi: hi} }

// lookup finds a field by its path.
func lookup(path string) *field {
	for i := range fields {
		if fields[i].path == path {
			return &fields[i]
		}
	}
	return nil
}
