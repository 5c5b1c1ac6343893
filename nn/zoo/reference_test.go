package zoo

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/optim"
	"github.com/rondo-ml/rondo/tensor"
)

// The run of testdata/reference/make_reference.py.
const (
	refVocab, refEmbed, refHidden = 48, 12, 24
	refSteps, refRows, refLength  = 100, 8, 16
	refLanes, refClip             = 4, 0.3
)

var (
	refSchedule = optim.Schedule{Kind: "linear", Peak: 0.02, Warmup: 5, Steps: refSteps}
	refAdam     = optim.AdamConfig{Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, WeightDecay: 1e-4}
)

func refSymbol(row, position int) int32 {
	return int32((position%13*(row%5+1) + position/13%4*11) % refVocab)
}

// refBatch fills the tokens of a step; every tenth step lacks two targets.
func refBatch(tokens text, step int) {
	tokens.Count = 0
	for t := range refLength {
		for row := range refRows {
			i, at := t*refRows+row, step*refLength+t
			tokens.Input[i], tokens.Target[i] = refSymbol(row, at), refSymbol(row, at+1)
			if step%10 == 9 && t >= refLength-2 && row == refRows-1 {
				tokens.Target[i] = -1
				continue
			}
			tokens.Count++
		}
	}
}

// refRun is a training run with everything that it needs.
type refRun struct {
	params  *nn.Params
	states  *nn.States
	tape    *nn.Tape
	tokens  text
	loss    *nn.Loss
	adam    *optim.Adam
	reduced []float32
	pool    *tensor.Pool
}

func newRefRun(tb testing.TB, cell string, layers, lanes int) *refRun {
	model, err := New("charlm", CharLM{Cell: cell, Vocab: refVocab, Hidden: refHidden, Layers: layers,
		Embed: refEmbed, WeightNorm: cell == "mlstm"})
	if err != nil {
		tb.Fatal(err)
	}
	r := &refRun{params: model.Params(), states: nn.NewStates(lanes, refRows/lanes), pool: tensor.NewPool(2)}
	tb.Cleanup(r.pool.Close)
	r.params.Allocate()
	if err := r.params.LoadFile("testdata/reference/" + cell + ".safetensors"); err != nil {
		tb.Fatal(err)
	}
	r.params.AllocateGrads(lanes)
	r.adam = optim.NewAdam(optim.Whole(r.params.Size()), refAdam)
	r.reduced = make([]float32, r.params.Size())
	shape := nn.Shape{Steps: refLength, Lanes: lanes, Rows: refRows / lanes}
	r.tape = nn.NewTape(r.params, r.pool, shape, nn.Training, 1)
	r.tokens = textRecording(model, r.tape, r.states)
	r.loss = r.tokens.Losses[0]
	r.tape.Keep(r.tokens.Out)
	r.tape.Plan()
	return r
}

// step trains on one batch and returns the mean loss and the gradient's norm.
func (r *refRun) step(step int) (loss, norm float64) {
	refBatch(r.tokens, step)
	r.params.ZeroGrads()
	r.tape.Begin(uint64(step), 0, 0)
	r.tape.Forward()
	r.tape.Backward(nil)
	clear(r.reduced)
	for lane, sum := range r.loss.LaneSum {
		loss += sum
		tensor.Add(r.reduced, r.reduced, r.params.LaneGrads(lane))
	}
	norm, _ = optim.ClipGlobalNorm(r.pool, r.reduced, refClip)
	r.adam.Step(r.pool, r.params.Values, r.reduced, refSchedule.LR(uint64(step)), uint64(step))
	r.params.Changed()
	r.states.Commit()
	return loss / float64(r.tokens.Count), norm
}

// cellReference is what make_reference.py writes of a cell, in float64.
type cellReference struct {
	Torch      string
	Layers     int
	Float32    struct{ Loss, Norm float64 } // how far PyTorch's own float32 is off in the worst step
	Loss, Norm []float64
	First      map[string]tensorReference // logits and gradients of the first step
}

// TestLossesAgainstPyTorch trains from the same weights on the same text.
func TestLossesAgainstPyTorch(t *testing.T) {
	for _, cell := range []string{"lstm", "gru", "mlstm"} {
		t.Run(cell, func(t *testing.T) {
			var ref cellReference
			readReference(t, cell+".json", &ref)
			r := newRefRun(t, cell, ref.Layers, refLanes)
			worstLoss, worstNorm := 0.0, 0.0
			for step := range refSteps {
				loss, norm := r.step(step)
				offLoss, offNorm := math.Abs(loss/ref.Loss[step]-1), math.Abs(norm/ref.Norm[step]-1)
				if !(offLoss <= allowed(ref.Float32.Loss) && offNorm <= allowed(ref.Float32.Norm)) {
					t.Fatalf("step %d: loss %v and norm %v, PyTorch %s has %v and %v",
						step, loss, norm, ref.Torch, ref.Loss[step], ref.Norm[step])
				}
				worstLoss, worstNorm = max(worstLoss, offLoss), max(worstNorm, offNorm)
			}
			t.Logf("largest relative deviation from PyTorch %s: loss %.2g, gradient norm %.2g", ref.Torch, worstLoss, worstNorm)
		})
	}
}

// TestFirstStepAgainstPyTorch compares logits and the gradient of every weight.
func TestFirstStepAgainstPyTorch(t *testing.T) {
	for _, cell := range []string{"lstm", "gru", "mlstm"} {
		t.Run(cell, func(t *testing.T) {
			var ref cellReference
			readReference(t, cell+".json", &ref)
			r := newRefRun(t, cell, ref.Layers, refLanes)
			refBatch(r.tokens, 0)
			r.tape.Begin(0, 0, 0)
			r.tape.Forward()
			got := map[string][]float32{"logits": slices.Clone(r.tokens.Out.Value().Data)}
			r.tape.Backward(nil)
			maps.Copy(got, gradients(r.params, refLanes))
			compareTensors(t, "", got, ref.First)
		})
	}
}

// readReference reads a file of what PyTorch computed.
func readReference(tb testing.TB, name string, to any) {
	tb.Helper()
	text, err := os.ReadFile("testdata/reference/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	if err := json.Unmarshal(text, to); err != nil {
		tb.Fatal(err)
	}
}
