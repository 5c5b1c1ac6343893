package task

import (
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/measure"
)

func init() {
	Register(Transcript, Kind[transcript]{
		About:    "a sequence of symbols for a longer one, by CTC (Graves et al. 2006)",
		Nats:     true,
		Target:   Transcript,
		Defaults: transcript{Mean: "symbols"},
		New:      func(s transcript) Task { return s },
	})
}

// transcript learns sequences of symbols, of which 0 is CTC's blank: symbol s of the data is s+1 to the network.
type transcript struct {
	Mean string `field:"mean" oneof:"symbols, rows" about:"what the loss is a mean over: all symbols of a batch, or its rows"`

	ZeroInfinity bool `field:"zero_infinity" unsaid:"false" about:"a row with fewer time steps than its transcript takes teaches nothing; else it ends the run"`
}

func (s transcript) Loss(t *nn.Tape, b *nn.Batch, name string, out *nn.Node) *nn.Loss {
	k, ok := b.Part(Transcript).(*nn.Transcripts)
	if !ok {
		if out.Layout.IsImage() {
			misfit("task.kind: %s takes a row of symbols for each time step, and the network gives %v", Transcript, out)
		}
		k = nn.NewTranscripts(nn.Shape{Steps: 1, Lanes: out.Layout.Lanes, Rows: out.Layout.Rows}, out.Layout.Steps)
		k.Symbols, k.Longer = out.Cols, s.ZeroInfinity
		b.Add(Transcript, k)
	}
	mean := nn.CTCMeanOverSymbols
	if s.Mean == "rows" {
		mean = nn.CTCMeanOverRows
	}
	return t.CTC(name, out, b.OutputLengths, k, nn.CTCOptions{Mean: mean, ZeroInfinity: s.ZeroInfinity})
}

func (s transcript) Scorer(b *nn.Batch, out *nn.Node) Scorer {
	return &transcriptScorer{targets: b.Part(Transcript).(*nn.Transcripts), lengths: b.OutputLengths, out: out}
}

type transcriptScorer struct {
	targets *nn.Transcripts
	lengths *nn.Lengths
	out     *nn.Node
	read    []int32
}

func (s *transcriptScorer) Measures(int, int) []measure.Measure {
	return []measure.Measure{measure.NewEdits()}
}

func (s *transcriptScorer) Score(lanes [][]measure.Measure) {
	for row, length := range s.targets.Length {
		if length < 0 {
			continue
		}
		s.read = read(s.read[:0], s.out, s.lengths, row)
		lanes[row/s.targets.Rows][0].(*measure.Edits).Add(s.targets.Of(row), s.read)
	}
}

// read appends to dst the symbols that the output of a network says row has, greedily.
func read(dst []int32, out *nn.Node, lengths *nn.Lengths, row int) []int32 {
	steps, rows := out.Layout.Steps, out.Layout.Lanes*out.Layout.Rows
	if lengths != nil {
		steps = int(lengths.Of[row])
	}
	logits := out.Value()
	return measure.Greedy(dst, steps, func(t int) []float32 { return logits.Row(t*rows + row) })
}

func (s *transcriptScorer) Figures(whole []measure.Measure) []Figure {
	edits := whole[0].(*measure.Edits)
	return []Figure{{"symbol error rate", edits.Rate(), Share}, {"sequences wrong", edits.SequenceRate(), Share}}
}
