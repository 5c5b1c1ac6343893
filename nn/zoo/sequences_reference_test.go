package zoo

import (
	"math"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

// sequenceReference is a case of testdata/reference/sequences.json, which
// make_sequences.py writes.
type sequenceReference struct {
	Float32 struct{ Loss, Logits float64 } // how far PyTorch's own float32 is off
	Loss    float64
	Logits  []float64
	Tensors map[string][]int
	Grads   map[string]tensorReference
}

// The rows of the references: two lanes of three.
const (
	seqLanes, seqRows, seqSteps, seqSamples, seqClasses = 2, 3, 7, 500, 5
	seqCount                                            = seqLanes * seqRows
)

var (
	seqLengths     = []int32{7, 4, 1, 6, 7, 3}
	seqSounds      = []int32{500, 333, 120, 499, 401, 64}
	seqTranscripts = [][]int32{{1, 2, 2}, {4}, {3}, {2, 1}, {}, {1}}
	seqSound       = Sound{Samples: seqSamples, Rate: 8000, Mels: 8, Window: 48, Hop: 40, FFT: 64, Low: 60, TimeShare: 1}
)

// TestSequenceModelsAgainstPyTorch compares a step of each network with float64 of
// PyTorch, which packs the sequences.
func TestSequenceModelsAgainstPyTorch(t *testing.T) {
	var refs map[string]sequenceReference
	readReference(t, "sequences.json", &refs)
	layers := func(cell string, hidden, layers int, both bool) Recurrent {
		return Recurrent{Cell: cell, Hidden: hidden, Layers: layers, Bidirectional: both}
	}
	for kind, config := range map[string]any{
		"sequence-classifier": SequenceClassifier{Classes: seqClasses, Features: 4, Recurrent: layers("gru", 6, 2, true), Pooled: Pooled{"last"}},
		"sound-classifier":    SoundClassifier{Classes: seqClasses, Sound: seqSound, Channels: 6, Kernel: 3, Stride: 2, Recurrent: layers("lstm", 5, 1, true), Pooled: Pooled{"max"}},
		"cnn-lstm":            CNNLSTM{Classes: seqClasses, Sound: seqSound, Channels: 6, Kernel: 3, Recurrent: layers("lstm", 5, 1, false), Dense: 7},
		"tagger":              Tagger{Classes: seqClasses, Vocab: 9, Embed: 4, Recurrent: layers("rnn", 5, 1, true)},
	} {
		t.Run(kind, func(t *testing.T) {
			ref := refs[kind]
			m, err := New(kind, config)
			if err != nil {
				t.Fatal(err)
			}
			ps := m.Params()
			if len(ps.List) != len(ref.Tensors) {
				t.Errorf("%d parameters, PyTorch's state_dict has %d", len(ps.List), len(ref.Tensors))
			}
			for _, p := range ps.List {
				if !slices.Equal(p.Shape, ref.Tensors[p.Name]) {
					t.Errorf("%s is %v, PyTorch has %v", p.Name, p.Shape, ref.Tensors[p.Name])
				}
			}
			r, tape := sequenceStep(t, m)
			closeTo(t, "logits", r.Out.Value().Data, ref.Logits, allowed(ref.Float32.Logits))
			if loss := total(r.Losses[0]); !(math.Abs(loss/ref.Loss-1) <= allowed(ref.Float32.Loss)) {
				t.Errorf("loss %v, PyTorch has %v", loss, ref.Loss)
			}
			tape.Backward(nil)
			compareTensors(t, "gradient of ", gradients(ps, seqLanes), ref.Grads)
		})
	}
}

// sequenceStep records a model with the weights and inputs of its reference and
// computes it forward.
func sequenceStep(t *testing.T, m *Network) (*Recording, *nn.Tape) {
	info, _ := Lookup(m.Kind)
	ps, pool := m.Params(), tensor.NewPool(2)
	t.Cleanup(pool.Close)
	ps.Allocate()
	ps.AllocateGrads(seqLanes)
	formulaWeights(ps)
	shape := nn.Shape{Steps: 1, Lanes: seqLanes, Rows: seqRows}
	if info.Sequences {
		shape.Steps = seqSteps
	}
	tape := nn.NewTape(ps, pool, shape, nn.Training, 1)
	r := Record(m, task.Default(info.Task), tape, nil)
	tape.Keep(r.Out)
	tape.Plan()
	for _, part := range r.Parts() {
		fillSequences(t, part)
	}
	if r.Losses[0].TotalFromData() {
		own := make([]float64, seqLanes)
		r.Losses[0].Weigh(own)
		r.Losses[0].Total = own[0] + own[1]
	}
	tape.Begin(0, 0, 0)
	tape.Forward()
	return r, tape
}

// fillSequences fills a part as make_sequences.py does.
func fillSequences(t *testing.T, part nn.Part) {
	switch p := part.Holds.(type) {
	case *nn.Values:
		scale := float32(1)
		if part.Name == "sound" {
			scale = 1.0 / 4
		}
		for i := range p.Data {
			p.Data[i] = scale * formulaValue(pixelSite, i)
		}
	case *nn.Lengths:
		copy(p.Of, seqLengths)
		if part.Name == "sound"+nn.LengthSuffix {
			copy(p.Of, seqSounds)
		}
	case *nn.Tokens:
		for i := range p.Input {
			p.Input[i] = int32((i/seqCount*5 + i%seqCount*2) % p.Vocab)
		}
	case *nn.Targets:
		for i := range p.Target {
			p.Target[i] = int32(i * 3 % seqClasses)
		}
		p.Count = len(p.Target)
	case *nn.Transcripts:
		for row, symbols := range seqTranscripts {
			if err := p.Set(row, symbols); err != nil {
				t.Fatal(err)
			}
		}
		p.Count = seqCount
	default:
		t.Fatalf("%s is a %T", part.Name, p)
	}
}

// total is the mean loss of the batch.
func total(l *nn.Loss) float64 {
	sum := 0.0
	for _, lane := range l.LaneSum {
		sum += lane
	}
	if l.TotalFromData() {
		return sum / l.Total
	}
	return sum / seqCount
}
