package zoo

import (
	"errors"
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

// textSteps is how many bytes TextLoss takes at once.
const textSteps = 64

// TextLoss returns what each byte of text after the first costs the model,
// in nats, given all before it: element i is for text[i+1]. The hidden state
// starts as zero. It returns an error when the vocabulary lacks a byte.
func TextLoss(model *Network, text []byte) (losses []float64, err error) {
	defer Recover(model.Kind, &err)
	shape := nn.Shape{Steps: textSteps, Lanes: 1, Rows: 1}
	pool, states := tensor.NewPool(1), nn.NewStates(1, 1)
	defer pool.Close()
	tape := nn.NewTape(model.Params(), pool, shape, nn.Inference, 0)
	r := Record(model, task.Default(task.Next), tape, states)
	tokens, err := textOf(r.Batch)
	if err != nil {
		return nil, fmt.Errorf("model.kind: %s: %w", model.Kind, err)
	}
	targets := r.Part(task.Next).(*nn.Targets)
	tape.Plan()
	for at := 0; at+1 < len(text); at += textSteps {
		n := min(textSteps, len(text)-1-at)
		for i := range textSteps {
			tokens.Input[i], targets.Target[i] = 0, -1
			if i < n {
				tokens.Input[i], targets.Target[i] = int32(text[at+i]), int32(text[at+i+1])
			}
		}
		if err := errors.Join(tokens.Check(), targets.Check(targets.Classes)); err != nil {
			return nil, fmt.Errorf("bytes from %d on: %w", at, err)
		}
		tape.Forward()
		states.Commit()
		losses = append(losses, r.Losses[0].Row[:n]...)
	}
	return losses, nil
}

// textOf returns the part of a batch that is a text. A network that reads other
// parts cannot be fed a text alone.
func textOf(b *nn.Batch) (*nn.Tokens, error) {
	text, ok := b.Part("text").(*nn.Tokens)
	if !ok {
		return nil, errors.New("the network does not read a text")
	}
	for _, p := range b.Parts() {
		if p.Name != "text" && p.Name != task.Next {
			return nil, fmt.Errorf("the network reads %s beside a text", p.Name)
		}
	}
	return text, nil
}
