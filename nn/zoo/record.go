package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
)

// Recording is a model on a tape, with its input and its loss.
type Recording struct {
	Tokens *nn.Tokens // of a model that reads text
	Images *nn.Images // of a model that reads images
	Logits *nn.Node
	Loss   *nn.Loss
}

// Record records the model and its cross entropy on the tape. Hidden states, if
// it has any, are added to states.
func Record(model Model, t *nn.Tape, states *nn.States) *Recording {
	r := &Recording{}
	var targets *nn.Targets
	switch m := model.(type) {
	case SequenceModel:
		r.Tokens = nn.NewTokens(t.Shape)
		r.Logits, targets = m.Forward(t, r.Tokens, states), &r.Tokens.Targets
	case ImageModel:
		c := model.Config()
		r.Images = nn.NewImages(t.Shape, c.Image, c.Image, c.Channels)
		r.Logits, targets = m.Forward(t, r.Images), &r.Images.Targets
	default:
		panic(fmt.Sprintf("zoo: a %T reads neither text nor images", model))
	}
	r.Loss = t.CrossEntropy("loss", r.Logits, targets)
	return r
}

// Check returns an error when the model cannot be trained on lanes of the shape,
// as a batch norm cannot on one value, or a *PanicError when it panics. It takes
// no memory for the parameters.
func Check(model Model, shape nn.Shape) (err error) {
	defer Recover(model.Config().Kind, &err)
	tape := nn.NewTape(model.Params(), nil, shape, nn.Training, 0)
	Record(model, tape, nn.NewStates(shape.Lanes, shape.Rows))
	return tape.Err()
}
