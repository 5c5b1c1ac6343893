package nn

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// embeddingReference is testdata/embedding/embedding.json, computed by PyTorch
// in float64.
type embeddingReference struct {
	Steps, Rows, Vocab, Width, Padding int
	Lengths, Tokens                    []int32
	Table, X                           []float32
	Cases                              map[string]struct {
		Y, Grad []float32
		YGrad   []float32 `json:"y_grad"`
		Error   float64   // of PyTorch's float32
	}
}

// Embeddings, bags and pooling over time are PyTorch's.
func TestEmbeddingAgainstPyTorch(t *testing.T) {
	data, err := os.ReadFile("testdata/embedding/embedding.json")
	var ref embeddingReference
	if err == nil {
		err = json.Unmarshal(data, &ref)
	}
	if err != nil || len(ref.Cases) != 5 {
		t.Fatalf("%d cases, want 5 (%v)", len(ref.Cases), err)
	}
	for name, c := range ref.Cases {
		for _, lanes := range []int{1, 2} {
			pool := tensor.NewPool(2)
			defer pool.Close()
			shape := Shape{Steps: ref.Steps, Lanes: lanes, Rows: ref.Rows / lanes}
			ps := NewParams()
			x, e := newSource(ps, "x", shape, ref.Width), NewEmbedding(ps, "op", ref.Vocab, ref.Width).WithPadding(ref.Padding)
			ps.Allocate()
			ps.AllocateGrads(lanes)
			copy(x.p.Value().Data, ref.X)
			copy(e.Weight.Value().Data, ref.Table)
			tape := NewTape(ps, pool, shape, Training, 0)
			tokens, lengths := &Tokens{Input: ref.Tokens}, NewLengths(shape)
			copy(lengths.Of, ref.Lengths)
			given := e.Weight
			var y *Node
			switch name {
			case "embedding":
				y = e.Forward(tape, tokens)
			case "sum":
				y = e.Bag(tape, tokens, lengths, BagSum)
			case "mean":
				y = e.Bag(tape, tokens, lengths, BagMean)
			case "mean over time":
				y, given = tape.MeanOverTime("op", x.Forward(tape), lengths), x.p
			case "max over time":
				y, given = tape.MaxOverTime("op", x.Forward(tape), lengths), x.p
			}
			tape.Keep(y)
			newSeed(tape, y, c.YGrad)
			tape.Plan()
			tape.Begin(0, 0, 0)
			tape.Forward()
			tape.Backward(nil)
			for what, pair := range map[string][2][]float32{"values": {y.Value().Data, c.Y}, "gradient": {laneSum(ps, given), c.Grad}} {
				if off, err := deviation(pair[0], pair[1]); err != nil || !(off <= max(8*c.Error, 5e-7)) {
					t.Errorf("%s, %d lanes: %s are off by %.2g, PyTorch's float32 by %.2g (%v)", name, lanes, what, off, c.Error, err)
				}
			}
		}
	}
}
