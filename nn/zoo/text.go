package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// textSteps is how many bytes TextLoss takes at once.
const textSteps = 64

// TextLoss returns what each byte of text after the first costs the model,
// in nats, given all before it: element i is for text[i+1]. The hidden state
// starts as zero. It returns an error when the vocabulary lacks a byte.
func TextLoss(model SequenceModel, text []byte) (losses []float64, err error) {
	defer Recover(model.Config().Kind, &err)
	shape := nn.Shape{Steps: textSteps, Lanes: 1, Rows: 1}
	pool, states, tokens := tensor.NewPool(1), nn.NewStates(1, 1), nn.NewTokens(shape)
	defer pool.Close()
	tape := nn.NewTape(model.Params(), pool, shape, nn.Inference, 0)
	loss := tape.CrossEntropy("loss", model.Forward(tape, tokens, states), &tokens.Targets)
	tape.Plan()
	for at := 0; at+1 < len(text); at += textSteps {
		n := min(textSteps, len(text)-1-at)
		for i := range textSteps {
			tokens.Input[i], tokens.Target[i] = 0, -1
			if i < n {
				tokens.Input[i], tokens.Target[i] = int32(text[at+i]), int32(text[at+i+1])
			}
		}
		if err := tokens.Check(model.Config().Vocab); err != nil {
			return nil, fmt.Errorf("bytes from %d on: %w", at, err)
		}
		tape.Forward()
		states.Commit()
		losses = append(losses, loss.Row[:n]...)
	}
	return losses, nil
}
