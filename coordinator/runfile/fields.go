package runfile

import (
	"math"
	"slices"

	"github.com/rondo-ml/rondo/nn/fields"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// What the kinds may be that the zoo does not know of.
var (
	Wires        = []string{"float32", "bf16"}
	Precisions   = []string{"float32", "bf16"}
	Convolutions = []string{"direct", "winograd"}
	FinalBiases  = []string{"drawn", FromCounts}
)

// FromCounts is the one of FinalBiases that asks for the counts of data.train.
const FromCounts = "counts"

// maxSteps keeps a step within the nine digits of a checkpoint's name.
const maxSteps = 999_999_999

// MaxLanes bounds batch.lanes, and so the workers of a run.
const MaxLanes = 999

// field is one field of the run file.
type field struct {
	path   string              // as users write it, batch.lanes
	role   role                // what it means to the processes of a run
	unsaid string              // the value that is left out of Bits: that of all files from before the field was
	omits  bool                // unsaid is "" and is left out
	old    bool                // in Bits whatever the kinds sgd and adam read: all files had it when there were no others
	at     func(*File) any     // *string, *int, *uint64, *float64, *bool, *[]int or *[]float64
	within fields.Span         // what a number may be
	oneOf  func() []string     // what a word may be; nil: any text
	check  func(string) string // of a text: what is wanted, or "" when it will do
	list   bool                // of a text: it has several parts
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

// static lists every field that all files have, in the order in which YAML prints them; those of a section lie
// together. Those that the kinds of models and tasks declare come on top, see described.
var static = []field{
	{path: "name", role: ofCoordinator, at: func(f *File) any { return &f.Name }, check: wantName, about: "of the run"},
	{path: "seed", role: ofBits, at: func(f *File) any { return &f.Seed }, about: "keys every random stream"},

	{path: "model.kind", role: ofBits, at: func(f *File) any { return &f.Model.Kind }, oneOf: zoo.Names, about: "the command models lists them"},

	{path: "model.weights", role: ofProcess, at: func(f *File) any { return &f.Model.Weights }, check: wantWeights, about: "file to begin from: safetensors, .pth of PyTorch (either may lie in an object store, as s3://bucket/key), or a directory of 0.npy to 14.npy; empty: new weights"},
	{path: "model.weights_skip", role: ofBits, omits: true, at: func(f *File) any { return &f.Model.WeightsSkip }, check: wantNames, list: true, about: "what begins anew all the same: beginnings of names, \"fc., aux\""},
	{path: "model.freeze", role: ofBits, omits: true, at: func(f *File) any { return &f.Model.Freeze }, check: wantNames, list: true, about: "what stays as it is: beginnings of names, or names with *; norms with their running statistics"},
	{path: "model.rates", role: ofBits, omits: true, at: func(f *File) any { return &f.Model.Rates }, check: wantFactors, list: true, about: "factors of lr by beginnings of names, \"fc.=10, layer4.=0.1\""},

	{path: "model.final_bias", role: ofBits, unsaid: "drawn", at: func(f *File) any { return &f.Model.FinalBias }, oneOf: among(&FinalBiases), about: "counts: the last layer's bias begins at the logarithm of how frequent each class is in data.train; drawn: by chance, as all weights"},

	{path: "task.kind", role: ofBits, at: func(f *File) any { return &f.Task.Kind }, oneOf: task.Names, about: "what is learnt"},

	{path: "data.train", role: ofProcess, at: func(f *File) any { return &f.Data.Train }, check: wantTrain, about: "directory, s3:// or gs://BUCKET/PREFIX; generated:NAME?count=N for images"},
	{path: "data.valid", role: ofProcess, at: func(f *File) any { return &f.Data.Valid }, check: wantData, about: "held out; empty: no evaluation"},

	{path: "data.share", role: ofBits, unsaid: "1", at: func(f *File) any { return &f.Data.Share }, within: fields.Span{Hi: 1, Above: true}, about: "of data.train that is used: the beginning of a text, samples drawn by the seed"},
	{path: "data.augment", role: ofBits, unsaid: "", omits: true, at: func(f *File) any { return &f.Data.Augment }, check: wantAugment, list: true, about: "changes of samples while training, as \"crop 32 pad=4, flip\""},
	{path: "data.mean", role: ofBits, unsaid: "", omits: true, at: func(f *File) any { return &f.Data.Mean }, within: fields.Span{Lo: -inf, Hi: inf}, about: "of pixels from 0 to 1, by channel; empty: numbers from -1 to 1"},
	{path: "data.deviation", role: ofBits, unsaid: "", omits: true, at: func(f *File) any { return &f.Data.Deviation }, within: fields.Span{Hi: inf, Above: true}, about: "by channel"},

	{path: "batch.global", role: ofBits, at: func(f *File) any { return &f.Batch.Global }, within: from(1, 1<<20), about: "rows in a step, whatever the number of workers"},
	{path: "batch.lanes", role: ofBits, at: func(f *File) any { return &f.Batch.Lanes }, within: from(1, MaxLanes), about: "equal parts of the batch; up to this many workers"},
	{path: "batch.pipelines", role: ofBits, unsaid: "1", at: func(f *File) any { return &f.Batch.Pipelines }, within: from(1, MaxLanes), about: "lanes that share their rows and compute a pipeline of the network each: 2 for alexnet-caffe; 1: each computes all of it on rows of its own"},
	{path: "batch.length", role: ofBits, at: func(f *File) any { return &f.Batch.Length }, within: from(1, 1<<20), about: "time steps in a row"},

	{path: "optimizer.kind", role: ofBits, at: func(f *File) any { return &f.Optimizer.Kind }, oneOf: optimizers},
	{path: "optimizer.lr", role: ofBits, at: func(f *File) any { return &f.Optimizer.LR }, within: fields.Span{Hi: inf, Above: true}, about: "largest learning rate"},
	{path: "optimizer.lr_batch", role: ofBits, at: func(f *File) any { return &f.Optimizer.LRBatch }, unsaid: "0", within: from(0, 1<<20), about: "rows that lr, floor and start are meant for: they grow with batch.global; 0: as they stand"},
	{path: "optimizer.lr_cap", role: ofBits, at: func(f *File) any { return &f.Optimizer.LRCap }, unsaid: "0", within: fields.Span{Hi: inf}, about: "what lr_batch raises lr to at most; floor and start stay in proportion; 0: no bound"},
	{path: "optimizer.momentum", role: ofBits, at: func(f *File) any { return &f.Optimizer.Momentum }, old: true, within: fields.Span{Hi: 1, Below: true}},
	{path: "optimizer.nesterov", role: ofBits, at: func(f *File) any { return &f.Optimizer.Nesterov }, unsaid: "false", about: "look ahead by the momentum"},
	{path: "optimizer.beta1", role: ofBits, at: func(f *File) any { return &f.Optimizer.Beta1 }, old: true, within: fields.Span{Hi: 1, Below: true}, about: "memory of the mean gradient"},
	{path: "optimizer.beta2", role: ofBits, at: func(f *File) any { return &f.Optimizer.Beta2 }, old: true, within: fields.Span{Hi: 1, Below: true}, about: "memory of its mean square"},
	{path: "optimizer.alpha", role: ofBits, at: func(f *File) any { return &f.Optimizer.Alpha }, within: fields.Span{Hi: 1, Below: true}, about: "memory of the mean square"},
	{path: "optimizer.centered", role: ofBits, at: func(f *File) any { return &f.Optimizer.Centered }, about: "divide by the deviation from the mean gradient"},
	{path: "optimizer.rate_decay", role: ofBits, at: func(f *File) any { return &f.Optimizer.RateDecay }, within: fields.Span{Hi: inf}, about: "step s has lr/(1 + s*rate_decay)"},
	{path: "optimizer.initial", role: ofBits, at: func(f *File) any { return &f.Optimizer.Initial }, within: fields.Span{Hi: inf}, about: "what the sums of squares start from"},
	{path: "optimizer.trust", role: ofBits, at: func(f *File) any { return &f.Optimizer.Trust }, within: fields.Span{Hi: inf, Above: true}, about: "an update is about lr*trust of its parameter's norm"},
	{path: "optimizer.eps", role: ofBits, at: func(f *File) any { return &f.Optimizer.Eps }, old: true, within: fields.Span{Hi: inf, Above: true}},
	{path: "optimizer.weight_decay", role: ofBits, at: func(f *File) any { return &f.Optimizer.WeightDecay }, within: fields.Span{Hi: inf}},
	{path: "optimizer.decay_norms", role: ofBits, at: func(f *File) any { return &f.Optimizer.DecayNorms }, unsaid: "true", about: "false: weight_decay and l1 leave norms and biases alone"},
	{path: "optimizer.l1", role: ofBits, at: func(f *File) any { return &f.Optimizer.L1 }, unsaid: "0", within: fields.Span{Hi: inf}, about: "pull towards zero, l1*sign(p)"},
	{path: "optimizer.clip", role: ofBits, at: func(f *File) any { return &f.Optimizer.Clip }, within: fields.Span{Hi: inf}, about: "largest norm of the whole gradient; 0: none"},
	{path: "optimizer.clip_value", role: ofBits, at: func(f *File) any { return &f.Optimizer.ClipValue }, unsaid: "0", within: fields.Span{Hi: inf}, about: "largest element of the gradient; 0: none"},
	{path: "optimizer.average", role: ofBits, at: func(f *File) any { return &f.Optimizer.Average }, unsaid: "0", within: fields.Span{Hi: 1, Below: true}, about: "decay of an average of the weights, which is evaluated; 0: none"},

	{path: "schedule.kind", role: ofBits, at: func(f *File) any { return &f.Schedule.Kind }, oneOf: kindsOf("schedule")},
	{path: "schedule.warmup", role: ofBits, at: func(f *File) any { return &f.Schedule.Warmup }, within: from(0, maxSteps), about: "steps"},
	{path: "schedule.over", role: ofBits, at: func(f *File) any { return &f.Schedule.Over }, unsaid: "0", within: from(0, maxSteps), about: "steps from the run's beginning to the floor, also beyond its end; 0: as many as the run has"},
	{path: "schedule.start", role: ofBits, at: func(f *File) any { return &f.Schedule.Start }, within: fields.Span{Hi: inf}, about: "learning rate of the first step"},
	{path: "schedule.floor", role: ofBits, at: func(f *File) any { return &f.Schedule.Floor }, within: fields.Span{Hi: inf}, about: "lowest learning rate"},
	{path: "schedule.every", role: ofBits, at: func(f *File) any { return &f.Schedule.Every }, within: from(1, maxSteps), about: "steps to a fall, or in the first cycle"},
	{path: "schedule.at", role: ofBits, at: func(f *File) any { return &f.Schedule.At }, within: from(1, maxSteps), about: "steps at which it falls"},
	{path: "schedule.factor", role: ofBits, at: func(f *File) any { return &f.Schedule.Factor }, within: fields.Span{Hi: 1, Above: true}, about: "of each fall"},
	{path: "schedule.growth", role: ofBits, at: func(f *File) any { return &f.Schedule.Growth }, within: from(1, maxSteps), about: "of each cycle over the one before"},
	{path: "schedule.power", role: ofBits, at: func(f *File) any { return &f.Schedule.Power }, within: fields.Span{Hi: inf, Above: true}},
	{path: "schedule.rise", role: ofBits, at: func(f *File) any { return &f.Schedule.Rise }, within: fields.Span{Hi: 1, Above: true, Below: true}, about: "part of the run in which it rises"},
	{path: "schedule.patience", role: ofBits, at: func(f *File) any { return &f.Schedule.Patience }, within: from(0, maxSteps), about: "evaluations without progress that are borne"},
	{path: "schedule.threshold", role: ofBits, at: func(f *File) any { return &f.Schedule.Threshold }, within: fields.Span{Hi: 1, Below: true}, about: "least progress, as a share of the best loss"},
	{path: "schedule.cooldown", role: ofBits, at: func(f *File) any { return &f.Schedule.Cooldown }, within: from(0, maxSteps), about: "evaluations after a fall that are not counted"},

	{path: "ring.wire", role: ofBits, at: func(f *File) any { return &f.Ring.Wire }, oneOf: among(&Wires), about: "form in which gradients travel; bf16 halves the bytes and rounds every sum"},

	{path: "steps", role: ofBits, at: func(f *File) any { return &f.Steps }, within: from(1, maxSteps), about: "of the whole run"},

	{path: "eval.every", role: ofCoordinator, at: func(f *File) any { return &f.Eval.Every }, within: from(0, maxSteps), about: "steps; 0: only at the end"},
	{path: "eval.batches", role: ofCoordinator, at: func(f *File) any { return &f.Eval.Batches }, within: from(0, maxSteps), about: "0: the whole held-out set"},
	{path: "eval.prompts", role: ofCoordinator, at: func(f *File) any { return &f.Eval.Prompts }, check: wantPrompts, list: true, about: "texts that a language model goes on with at each evaluation, with || between them"},
	{path: "eval.length", role: ofCoordinator, at: func(f *File) any { return &f.Eval.Length }, within: from(1, 4096), about: "bytes that it writes behind each of eval.prompts"},
	{path: "eval.temperatures", role: ofCoordinator, at: func(f *File) any { return &f.Eval.Temperatures }, within: fields.Span{Hi: 100}, about: "a text for each: 0 takes the likeliest bytes, higher is bolder"},

	{path: "watch.every", role: ofCoordinator, at: func(f *File) any { return &f.Watch.Every }, within: from(0, maxSteps), about: "steps after which workers compare their weights; 0: only before checkpoints"},
	{path: "watch.layers", role: ofCoordinator, at: func(f *File) any { return &f.Watch.Layers }, within: from(0, maxSteps), about: "steps after which the first worker measures how its layers fare; 0: only while somebody looks"},

	{path: "checkpoint.dir", role: ofProcess, at: func(f *File) any { return &f.Checkpoint.Dir }, check: wantDir, about: "directory, s3:// or gs://BUCKET/PREFIX"},
	{path: "checkpoint.every", role: ofCoordinator, at: func(f *File) any { return &f.Checkpoint.Every }, within: from(0, maxSteps), about: "steps; 0: only at the end"},
	{path: "checkpoint.keep", role: ofCoordinator, at: func(f *File) any { return &f.Checkpoint.Keep }, within: from(1, 1<<20), about: "the newest ones"},
	{path: "checkpoint.keep_every", role: ofCoordinator, at: func(f *File) any { return &f.Checkpoint.KeepEvery }, within: from(0, maxSteps), about: "steps, a multiple of checkpoint.every: the checkpoints of its multiples stay, too, to see what came about; 0: none"},

	{path: "precision", role: ofBits, at: func(f *File) any { return &f.Precision }, oneOf: among(&Precisions), about: "of the operands of matrix products; sums and weights are float32"},
	{path: "convolution", role: ofBits, unsaid: "direct", at: func(f *File) any { return &f.Convolution }, oneOf: among(&Convolutions), about: "winograd: those of 3x3 taps without stride by F(2x2, 3x3), which multiplies less; rounds otherwise"},
	{path: "rebalance", role: ofCoordinator, at: func(f *File) any { return &f.Rebalance }, about: "move lanes from slow workers to fast ones; the bits stay the same"},
	{path: "mixed_tiers", role: ofBits, at: func(f *File) any { return &f.MixedTiers }, about: "let workers of RONDO_TIER=go-fast join others; the bits are then no promise"},
	{path: "sync_batchnorm", role: ofBits, at: func(f *File) any { return &f.SyncBatchNorm }, about: "batch norms take mean and variance of the global batch, and not of each lane; workers then wait for each other in every norm"},
}

var inf = math.Inf(1)

// from is the span of the whole numbers lo to hi.
func from(lo, hi float64) fields.Span { return fields.Span{Lo: lo, Hi: hi} }

// all lists every field of the file, those that the kinds of its model, its task and its optimizer declare behind the kinds.
// One that an optimizer declares takes the place of one that others have under its name.
func (f *File) all() []field {
	list := make([]field, 0, len(static)+16)
	var own []field // of the section at hand
	for _, d := range static {
		if slices.ContainsFunc(own, func(o field) bool { return o.path == d.path }) {
			continue
		}
		list = append(list, d)
		for i := range describedSections {
			if s := &describedSections[i]; d.path == s.name+".kind" {
				own = s.list(f)
				list = append(list, own...)
			}
		}
	}
	return list
}

// lookup finds a field of the file by its path, or nil.
func (f *File) lookup(path string) *field {
	list := f.all()
	for i := range list {
		if list[i].path == path {
			return &list[i]
		}
	}
	return nil
}

// set stores the text of a scalar in the field. A false answer means that the text is not of its type.
func (d *field) set(f *File, text string) bool {
	for i := range describedSections {
		s := &describedSections[i]
		if kind, _ := s.at(f); d.path == s.name+".kind" && *kind != text {
			s.begin(f, text) // another kind has other fields
		}
	}
	return fields.Set(d.at(f), text)
}

// text is the canonical form of the field's value: equal values have equal text.
func (d *field) text(f *File) string { return fields.Text(d.at(f)) }

// wants says what the field may be, for an error.
func (d *field) wants(f *File) string {
	var words []string
	if d.oneOf != nil {
		words = d.oneOf()
	}
	return fields.Wants(d.at(f), d.within, words)
}
