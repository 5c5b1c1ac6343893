package runfile

import (
	"math"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// What the kinds may be that the zoo does not know of.
var (
	Optimizers   = []string{"sgd", "adam"}
	Schedules    = []string{"constant", "linear", "cosine"}
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
	at     func(*File) any     // *string, *int, *uint64, *float64, *bool or **bool
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

	{path: "optimizer.kind", role: ofBits, at: func(f *File) any { return &f.Optimizer.Kind }, oneOf: among(&Optimizers)},
	{path: "optimizer.lr", role: ofBits, at: func(f *File) any { return &f.Optimizer.LR }, within: span{hi: inf, above: true}, about: "largest learning rate"},
	{path: "optimizer.momentum", role: ofBits, at: func(f *File) any { return &f.Optimizer.Momentum }, within: span{hi: 1, below: true}, about: "sgd"},
	{path: "optimizer.beta1", role: ofBits, at: func(f *File) any { return &f.Optimizer.Beta1 }, within: span{hi: 1, below: true}, about: "adam"},
	{path: "optimizer.beta2", role: ofBits, at: func(f *File) any { return &f.Optimizer.Beta2 }, within: span{hi: 1, below: true}, about: "adam"},
	{path: "optimizer.eps", role: ofBits, at: func(f *File) any { return &f.Optimizer.Eps }, within: span{hi: inf, above: true}, about: "adam"},
	{path: "optimizer.weight_decay", role: ofBits, at: func(f *File) any { return &f.Optimizer.WeightDecay }, within: span{hi: inf}},
	{path: "optimizer.clip", role: ofBits, at: func(f *File) any { return &f.Optimizer.Clip }, within: span{hi: inf}, about: "largest norm of the whole gradient; 0: none"},

	{path: "schedule.kind", role: ofBits, at: func(f *File) any { return &f.Schedule.Kind }, oneOf: among(&Schedules)},
	{path: "schedule.warmup", role: ofBits, at: func(f *File) any { return &f.Schedule.Warmup }, within: from(0, maxSteps), about: "steps"},
	{path: "schedule.floor", role: ofBits, at: func(f *File) any { return &f.Schedule.Floor }, within: span{hi: inf}, about: "learning rate at the last step"},

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
