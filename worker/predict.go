package worker

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// Predictor asks a trained model what it makes of samples.
type Predictor struct {
	File   *runfile.File
	Schema samples.Schema // of the data that it was trained on; empty where the checkpoint does not say
	Dict   StateDict      // that was loaded of weights of others

	model *zoo.Network
	pool  *tensor.Pool
	parts []nn.Part // that it reads, as one row has them
	hears int       // samples a second of the sounds that it hears; 0: it does not say
	out   int       // numbers that it gives for every place
	tapes map[int]*predicting
	feeds bool   // features are asked for
	layer string // whose output Run gives in place of the model's; empty: the model's
}

// StateDict names the entry of a file that its tensors are of, and the others that hold tensors. It is empty of files without entries.
type StateDict struct {
	Within string
	Beside []string
}

// StateDictOf says which state_dict of a file is read.
func StateDictOf(file nn.WeightsFile) (d StateDict) {
	if f, ok := file.(interface {
		Within() string
		Beside() []string
	}); ok {
		d.Within, d.Beside = f.Within(), f.Beside()
	}
	return d
}

// predicting is the model recorded for so many rows, without what it learns.
type predicting struct {
	tape  *nn.Tape
	batch *nn.Batch
	out   *nn.Node
	feeds *nn.Node // the features, if they are asked for
}

// Output is what the model says of one sample.
type Output struct {
	Shape  []int // [K], [steps, K] or [height, width, K]
	Logits []float32
}

// mostPredicted is how many samples are taken at once.
const mostPredicted = 16

// NewPredictor loads the model of the checkpoint whose directory is path. The caller closes it.
func NewPredictor(path string, m *checkpoint.Manifest, threads int) (p *Predictor, err error) {
	f, err := FileOf(m)
	if err != nil {
		return nil, err
	}
	if f.Task.Kind == task.Next {
		return nil, fmt.Errorf("%s holds a %s, which goes on with texts (task.kind = %s) and tells nothing of them", path, f.Model.Kind, task.Next)
	}
	p = &Predictor{File: f, tapes: map[int]*predicting{}}
	if p.Schema, err = schemaOf(m); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if p.model, err = LoadModel(path, m); err != nil {
		return nil, err
	}
	return p, p.begin(threads)
}

// NewPredictorOf builds the model of a run file and loads the weights of others that model.weights names. The caller
// closes it.
func NewPredictorOf(f *runfile.File, threads int) (p *Predictor, err error) {
	p = &Predictor{File: f, tapes: map[int]*predicting{}}
	if p.model, err = describeModel(f.Model); err != nil {
		return nil, err
	}
	file, err := runfile.OpenWeights(f.Model.Weights)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	p.Dict = StateDictOf(file)
	options := loadOptions(f.Model, p.model)
	if _, err := p.model.Params().Fits(file, options); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Model.Weights, err)
	}
	p.model.Params().Allocate()
	if _, err := p.model.Params().Load(file, options); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Model.Weights, err)
	}
	return p, p.begin(threads)
}

// begin finds what the model reads.
func (p *Predictor) begin(threads int) (err error) {
	defer zoo.Recover(p.File.Model.Kind, &err)
	tape := nn.NewTape(p.model.Params(), nil, nn.Shape{Steps: p.File.RowLength(), Lanes: 1, Rows: 1}, nn.Inference, p.File.Seed)
	batch := tape.NewBatch(nil)
	p.out = p.model.Forward(tape, batch).Cols
	p.parts, p.hears, p.pool = batch.Parts(), heardBy(tape), newPool(p.File, threads)
	return nil
}

// Classes are how many classes, labels or symbols the model tells apart; 0: it gives numbers.
func (p *Predictor) Classes() int {
	switch p.File.Task.Kind {
	case task.Class, task.Labels, task.Pixels:
		return p.out
	case task.Transcript:
		return p.out - 1 // and CTC's blank
	}
	return 0
}

// Close ends the goroutines of the predictor.
func (p *Predictor) Close() { p.pool.Close() }

// Reads returns the parts of the data that the model reads, as one row has them, without lengths.
func (p *Predictor) Reads() (parts []nn.Part) {
	for _, part := range p.parts {
		if !strings.HasSuffix(part.Name, nn.LengthSuffix) {
			parts = append(parts, part)
		}
	}
	return parts
}

// Part is the part of that name of the data that the model was trained on, or nil.
func (p *Predictor) Part(name string) *samples.Part {
	if at := p.Schema.Part(name); at >= 0 {
		return &p.Schema.Parts[at]
	}
	return nil
}

// Keeps says whether images of a size stay of that size on their way into the model.
func (p *Predictor) Keeps(height, width int) bool {
	d := &Dataset{}
	if err := d.prepare(p.File, nil); err != nil {
		return false
	}
	h, w := d.changesFor(false).Size(height, width)
	return h == height && w == width
}

// Makes says whether images of any size are made of one on their way into the model.
func (p *Predictor) Makes(height, width int) bool {
	d := &Dataset{}
	if err := d.prepare(p.File, nil); err != nil {
		return false
	}
	h, w := d.changesFor(false).Size(0, 0)
	return h == height && w == width
}

// Run calls each with what the model says of every sample of a set, in order. Samples are taken as an evaluation takes
// them, and give the same bits.
func (p *Predictor) Run(set samples.Source, each func(i int, out Output) error) error {
	return p.run(set, func(i, row int, r *predicting) error { return each(i, r.output(row)) })
}

func (p *Predictor) run(set samples.Source, each func(i, row int, r *predicting) error) (err error) {
	defer zoo.Recover(p.File.Model.Kind, &err)
	n := min(set.Len(), mostPredicted)
	if n < 1 {
		return nil
	}
	r, err := p.forRows(n)
	if err != nil {
		return err
	}
	feeder, err := p.Feeder(set, n)
	if err != nil {
		return err
	}
	for b := range feeder.rows.batches() {
		filled, err := feeder.Fill(b, r.batch)
		if err != nil {
			return err
		}
		r.tape.Begin(0, 0, 0)
		r.tape.Forward()
		for row := range filled {
			if err := each(b*n+row, row, r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Predictor) forRows(n int) (*predicting, error) {
	if r := p.tapes[n]; r != nil {
		return r, nil
	}
	r := &predicting{tape: nn.NewTape(p.model.Params(), p.pool, nn.Shape{Steps: p.File.RowLength(), Lanes: 1, Rows: n}, nn.Inference, p.File.Seed)}
	r.batch = r.tape.NewBatch(nil)
	r.out = p.model.Forward(r.tape, r.batch)
	if err := r.tape.Err(); err != nil {
		return nil, err
	}
	if p.layer != "" {
		if r.out = layerOf(r.tape, p.layer); r.out == nil {
			return nil, noLayer(r.tape, p.layer)
		}
	}
	r.tape.Keep(r.out)
	if p.feeds {
		if r.feeds = r.tape.Features(r.out); r.feeds == nil {
			return nil, fmt.Errorf("a %s has no layer whose input could be its features", p.File.Model.Kind)
		}
		r.tape.Keep(r.feeds)
	}
	r.tape.Plan()
	p.tapes[n] = r
	return r, nil
}

// output is what the model says of a row.
func (r *predicting) output(row int) Output {
	l, x := r.out.Layout, r.out.Value()
	o := Output{Shape: []int{r.out.Cols}}
	most := l.Steps
	switch {
	case l.IsImage():
		o.Shape = []int{l.Height, l.Width, r.out.Cols}
	case l.Steps > 1:
		if k := r.batch.OutputLengths; k != nil {
			most = min(most, int(k.Of[row]))
		}
		o.Shape = []int{most, r.out.Cols}
	}
	left := most * l.Pixels()
	for at := range rowsOf(l, row) {
		if left == 0 {
			break
		}
		o.Logits = append(o.Logits, x.Row(at)...)
		left--
	}
	return o
}

// schemaOf is what a checkpoint says of the data that it was trained on.
func schemaOf(m *checkpoint.Manifest) (s samples.Schema, err error) {
	if len(m.Data) == 0 {
		return s, nil
	}
	if err = json.Unmarshal(m.Data, &s); err == nil {
		err = s.Check()
	}
	if err != nil {
		err = fmt.Errorf("the manifest's data: %w", err)
	}
	return s, err
}

// schemaText is what the checkpoints of a run on the data say of it.
func (d *Dataset) schemaText() json.RawMessage {
	switch {
	case d == nil || d.samples == nil && d.text == nil:
		return nil
	case d.text != nil: // how it was cut, and its reviews cleaned
		return d.text.Meta()
	}
	text, err := json.Marshal(d.samples.Schema())
	if err != nil {
		return nil // a source of a program's own, with a name that is no text
	}
	return text
}
