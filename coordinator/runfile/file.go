package runfile

import (
	"strings"

	"github.com/rondo-ml/rondo/data/augment"
)

// File is a whole run file. Load, Parse and Default return it with every field filled in.
type File struct {
	Name          string // of the run; letters, digits, '.', '_' and '-'
	Seed          uint64 // keys every random stream
	Model         Model
	Task          Task
	Data          Data
	Batch         Batch
	Optimizer     Optimizer
	Schedule      Schedule
	Ring          Ring
	Steps         int // optimizer updates in the whole run
	Eval          Eval
	Watch         Watch
	Checkpoint    Checkpoint
	Precision     string // one of Precisions: of the operands of matrix products
	Convolution   string // one of Convolutions: how those that can be are computed
	Rebalance     bool   // lanes move from slow workers to fast ones
	MixedTiers    bool   // instruction-set tiers with bits of their own may take part
	SyncBatchNorm bool   // batch norms take the statistics of the global batch rather than of each lane
}

// Model says which network is trained.
type Model struct {
	Kind   string // one that is registered in the zoo
	Fields any    // a pointer to the struct that the kind was declared with

	Weights     string // file of weights to begin from; empty: new ones
	WeightsHash string // SHA-256 of what is in it, hexadecimal; see HashWeights
	WeightsSkip string // nn.Names that begin anew in spite of Weights
	Freeze      string // nn.Names that stay as they are
	Rates       string // nn.Factors of the learning rate
	FinalBias   string // one of FinalBiases: what the last layer's bias begins at
}

// Task says what the network learns.
type Task struct {
	Kind   string // one that is registered in package nn/task; the default is the model's
	Fields any    // a pointer to the struct that the kind was declared with
}

// Data says where the shards lie: directories. Models that read images take "generated:NAME?count=N" (see package
// data/generated).
type Data struct {
	Train string
	Valid string // empty: the run is not evaluated

	Share     float64   // of Train that is used: the beginning of a text, samples drawn by the seed
	Augment   string    // what is done to samples while training: a list of package data/augment
	Mean      []float64 // of pixels from 0 to 1, by channel, which is taken away; none: pixels are numbers from -1 to 1
	Deviation []float64 // by which the rest is divided
}

// Batch is the shape of one step.
type Batch struct {
	Global    int // rows in a step, whatever the number of workers
	Lanes     int // equal parts of the global batch; divides Global
	Pipelines int // lanes that follow one another and share their rows, each with a part of the network; 1: none do
	Length    int // time steps in a row
}

// LaneRows is the number of rows of the global batch that one lane owns.
func (b Batch) LaneRows() int { return b.Global / b.Lanes }

// Alike is how many lanes compute the same rows while training.
func (b Batch) Alike() int { return max(1, b.Pipelines) }

// TrainedRows is the number of rows that a lane computes while training: its own, and those of the lanes that it shares
// them with.
func (b Batch) TrainedRows() int { return b.LaneRows() * b.Alike() }

// LanesMeet says that lanes need each other in the midst of a step, so that all are computed at once.
func (f *File) LanesMeet() bool { return f.SyncBatchNorm || f.Batch.Pipelines > 1 }

// Optimizer says how gradients become updates. Which fields a kind reads is in sections; package nn/optim has the
// formulas.
type Optimizer struct {
	Kind        string // one of Optimizers
	LR          float64
	LRBatch     int     // rows that LR is meant for; 0: LR as it stands
	LRCap       float64 // what LRBatch makes of LR at most; 0: no bound
	Momentum    float64
	Nesterov    bool
	Beta1       float64
	Beta2       float64
	Alpha       float64 // memory of the mean square, of rmsprop
	Centered    bool    // of rmsprop
	RateDecay   float64 // of adagrad
	Initial     float64 // what the sums of adagrad start from
	Trust       float64 // of lars
	Eps         float64
	WeightDecay float64
	DecayNorms  bool    // WeightDecay and L1 apply to norms and biases too: to all that has one dimension
	L1          float64 // pull towards zero, added to the gradient as L1·sign(p)
	Clip        float64 // largest global norm of the gradient; 0: no clipping
	ClipValue   float64 // largest element of the gradient, in size; 0: no clipping
	Average     float64 // decay of an average of the weights that is evaluated in their place; 0: none

	Fields any // of a kind that a program has registered in package nn/optim, a pointer to the struct that it was declared with; else nil
}

// Schedule says how the learning rate moves: it rises linearly from zero to Optimizer.LR over Warmup steps,
// then goes by its kind. Which fields a kind reads is in sections; package nn/optim has the formulas.
type Schedule struct {
	Kind      string // one of Schedules
	Warmup    int    // steps
	Over      int    // steps to the floor, warm-up included; 0: those of the run
	Floor     float64
	Every     int     // steps between two falls, or in the first cycle
	At        []int   // steps at which it falls
	Factor    float64 // of a fall
	Growth    int     // of each cycle over the one before
	Power     float64
	Start     float64 // rate of the first step of one-cycle
	Rise      float64 // part of the run in which one-cycle rises
	Patience  int     // evaluations without progress that a plateau bears
	Threshold float64 // least progress, as a share of the best loss
	Cooldown  int     // evaluations after a fall that are not counted
}

// Ring says how gradients travel between workers.
type Ring struct {
	Wire string // one of Wires
}

// Eval says when the held-out set is measured.
type Eval struct {
	Every   int // steps between evaluations; 0: only at the end
	Batches int // batches of the held-out set that are measured; 0: all of them

	Prompts      string    // texts that a language model goes on with at each evaluation; see PromptList
	Length       int       // bytes that it writes behind each
	Temperatures []float64 // of what it writes, one text for each
}

// promptsEnd is between two texts of Prompts.
const promptsEnd = "||"

// PromptList are the texts of Prompts.
func (e Eval) PromptList() (list []string) {
	for text := range strings.SplitSeq(e.Prompts, promptsEnd) {
		if text != "" {
			list = append(list, text)
		}
	}
	return list
}

// Watch says when workers look at what they hold.
type Watch struct {
	Every  int // steps between comparisons of the weights; 0: only before a checkpoint
	Layers int // steps between measurements of the layers by the first worker; 0: only while somebody looks
}

// Checkpoint says where and when the run is saved.
type Checkpoint struct {
	Dir   string
	Every int // steps between checkpoints; 0: only at the end
	Keep  int // newest checkpoints that are kept

	KeepEvery int // checkpoints of steps that are multiples of it are kept, too; 0: none but the newest
}

// Default returns a File with every default filled in, as if name.yaml had been empty. It does not pass
// Validate: data.train has no default.
func Default(name string) *File {
	f := &File{Name: name}
	setDefaults(f)
	if err := beginKinds(f, func(string) (string, place, bool) { return "", place{}, false }); err != nil {
		panic(err) // the default kinds are known
	}
	fillDerived(f, func(string) bool { return false })
	return f
}

// setDefaults gives the fields their defaults that depend on no other field.
func setDefaults(f *File) {
	f.Seed = 1
	f.Model.FinalBias = "drawn"
	f.Data.Share = 1
	f.Batch = Batch{Global: 64, Lanes: 8, Pipelines: 1, Length: 64}
	f.Optimizer = Optimizer{Kind: "adam", LR: 2e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, DecayNorms: true, Clip: 1}
	f.Schedule = Schedule{Kind: "linear"}
	f.Ring = Ring{Wire: "float32"}
	f.Steps = 1000
	f.Eval = Eval{Every: 200, Length: 200, Temperatures: []float64{0.7}}
	f.Watch = Watch{Every: 100}
	f.Checkpoint = Checkpoint{Every: 200, Keep: 3}
	f.Precision = "float32"
	f.Convolution = "direct"
}

// fillDerived gives the fields that were not given, and whose defaults depend on others, their values.
func fillDerived(f *File, given func(path string) bool) {
	fillKinds(f, given)
	if p, err := augment.Parse(f.Data.Augment); err == nil {
		f.Data.Augment = p.String() // with all parameters: it decides bits
	}
	fillSections(f, given)
	if !given("checkpoint.dir") {
		f.Checkpoint.Dir = "runs/" + f.Name
	}
	for _, place := range []*string{&f.Data.Train, &f.Data.Valid, &f.Checkpoint.Dir, &f.Model.Weights} {
		*place = localPath(*place)
	}
}
