package look

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// Influence returns how much each character of a text matters for what the network expects behind the last: the length
// of the gradient of the logarithm of next's probability by what the first layer makes of the character (its embedding).
// The text is read from a state of zeros.
func Influence(net Network, pool *tensor.Pool, text []byte, next byte) ([]float64, error) {
	if len(text) == 0 {
		return nil, fmt.Errorf("no text to look back at")
	}
	t := nn.NewTape(net.Params(), pool, nn.Shape{Steps: len(text), Lanes: 1, Rows: 1}, nn.Training, 0)
	t.LookInside(nn.Gradient)
	b := t.NewBatch(nil)
	out := net.Forward(t, b)
	tokens, err := onlyText(b)
	if err != nil {
		return nil, err
	}
	if err := t.Err(); err != nil {
		return nil, err
	}
	if int(next) >= out.Cols || out.Layout.Steps != len(text) {
		return nil, fmt.Errorf("the network tells nothing of byte %d behind each character", next)
	}
	outputs := t.Outputs()
	first := outputs[0]
	if first.Layout.Steps != len(text) || first.Layout.IsImage() {
		return nil, fmt.Errorf("%s, the network's first layer, has no row for each character", first.Name)
	}
	t.Keep(out)
	t.KeepGrad(first.Node)
	begin := t.BeginAt("look", out)
	t.Plan()
	for i, c := range text {
		tokens.Input[i] = int32(c)
	}
	if err := tokens.Check(); err != nil {
		return nil, err
	}
	t.Begin(0, 0, 0)
	t.Forward()
	gradLogProbability(begin[0].Row(len(text)-1), out.Value().Row(len(text)-1), int(next))
	t.Backward(nil)
	lengths := make([]float64, len(text))
	for i := range lengths {
		for _, v := range first.Grad().Row(i) {
			lengths[i] += float64(v) * float64(v)
		}
		lengths[i] = math.Sqrt(lengths[i])
	}
	return lengths, nil
}

// gradLogProbability sets g to the gradient of log softmax(x)[target] by x.
func gradLogProbability(g, x []float32, target int) {
	top, sum := x[0], 0.0
	for _, v := range x {
		top = max(top, v)
	}
	for _, v := range x {
		sum += math.Exp(float64(v - top))
	}
	for i, v := range x {
		g[i] = float32(-math.Exp(float64(v-top)) / sum)
	}
	g[target]++
}
