package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

var (
	hardSigmoidActivation = activation{forward: tensor.HardSigmoid, backward: tensor.HardSigmoidBack, keepsGiven: true, is: ElementOp{Function: "hard sigmoid"}}
	hardSwishActivation   = activation{forward: tensor.HardSwish, backward: tensor.HardSwishBack, keepsGiven: true, is: ElementOp{Function: "hard swish"}}
	geluTanhActivation    = activation{forward: tensor.GELUTanh, backward: tensor.GELUTanhBack, keepsGiven: true, is: ElementOp{Function: "gelu tanh"}}
)

// HardSigmoid records y = min(max(x+3, 0), 6)/6, element by element.
func (t *Tape) HardSigmoid(name string, x *Node) *Node {
	y := t.activate(name, x, hardSigmoidActivation)
	y.holds = "probabilities"
	return y
}

// HardSwish records y = x·min(max(x+3, 0), 6)/6, element by element: that of
// MobileNetV3.
func (t *Tape) HardSwish(name string, x *Node) *Node { return t.activate(name, x, hardSwishActivation) }

// GELUTanh records y = x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2, element by element:
// torch.nn.GELU(approximate="tanh"). [Tape.GELU] is the exact form.
func (t *Tape) GELUTanh(name string, x *Node) *Node { return t.activate(name, x, geluTanhActivation) }

// LeakyReLU records y = x where that is above zero, and slope·x elsewhere, element
// by element. PyTorch's slope is 0.01.
func (t *Tape) LeakyReLU(name string, x *Node, slope float32) *Node {
	return t.activate(name, x, activation{
		forward:    func(y, x []float32) { tensor.LeakyReLU(y, x, slope) },
		backward:   func(dx, dy, x []float32) { tensor.LeakyReLUBack(dx, dy, x, slope) },
		keepsGiven: true,
		is:         ElementOp{"leaky relu", slope},
	})
}

// The numbers of SELU, by which mean 0 and variance 1 are a fixed point of a layer.
const (
	seluAlpha = 1.6732632423543772848170429916717
	seluScale = 1.0507009873554804934193349852946
)

// SELU records the scaled [Tape.ELU] of Klambauer et al. (2017), with which features keep a mean of 0 and a
// variance of 1 from layer to layer. Weights start as N(0, 1/inputs) then.
func (t *Tape) SELU(name string, x *Node) *Node {
	return t.Scale(name, t.ELU(name+".elu", x, seluAlpha), seluScale)
}

// ELU records y = x where that is above zero, and alpha·(exp(x) - 1) elsewhere,
// element by element. PyTorch's alpha is 1. It panics unless alpha is above zero.
func (t *Tape) ELU(name string, x *Node, alpha float32) *Node {
	if !(alpha > 0) {
		panic(fmt.Sprintf("nn: %s takes an alpha above zero, got %v", name, alpha))
	}
	return t.activate(name, x, activation{
		forward:  func(y, x []float32) { tensor.ELU(y, x, alpha) },
		backward: func(dx, dy, y []float32) { tensor.ELUBack(dx, dy, y, alpha) },
		is:       ElementOp{"elu", alpha},
	})
}

// Softplus records y = log(1 + exp(beta·x))/beta, element by element. PyTorch's beta
// is 1. It panics unless beta is above zero.
func (t *Tape) Softplus(name string, x *Node, beta float32) *Node {
	if !(beta > 0) {
		panic(fmt.Sprintf("nn: %s takes a beta above zero, got %v", name, beta))
	}
	return t.activate(name, x, activation{
		forward:    func(y, x []float32) { tensor.Softplus(y, x, beta) },
		backward:   func(dx, dy, x []float32) { tensor.SoftplusBack(dx, dy, x, beta) },
		keepsGiven: true,
		is:         ElementOp{"softplus", beta},
	})
}

// LogSoftmax records the logarithm of [Tape.Softmax], each row by itself:
//
//	y[j] = x[j] - log Σ exp(x[k])
func (t *Tape) LogSoftmax(name string, x *Node) *Node {
	refuseOneColumn(name, x)
	op := t.softmax(name, x, logSoftmaxRows, tensor.LogSoftmaxBackRow)
	op.is = SoftmaxOp{Log: true}
	op.y.holds = "logarithms of probabilities"
	return op.y
}

func logSoftmaxRows(y, x []float32, rows int) {
	n := len(x) / rows
	for row := range rows {
		tensor.LogSoftmaxRow(y[row*n:(row+1)*n], x[row*n:(row+1)*n])
	}
}

// refuseOneColumn panics where a softmax along rows has nothing to weigh, which is
// what one along the wrong axis comes to.
func refuseOneColumn(name string, x *Node) {
	if x.Cols == 1 {
		panic(fmt.Sprintf("nn: %s takes a softmax over the columns of a row, got one (%v), whose share is 1 whatever it holds; "+
			"there is none over rows, pixels or time", name, x))
	}
}
