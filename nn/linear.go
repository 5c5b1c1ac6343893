package nn

import "fmt"

// Linear is y = x·Wᵀ + b with W [out, in] and b [out] or nil.
type Linear struct {
	Name         string
	Weight, Bias *Param

	parts []packed // the weights of each pipeline, for all tapes
}

// NewLinear registers the parameters name.weight and name.bias.
func NewLinear(ps *Params, name string, in, out int, bias bool) *Linear {
	init := UniformInit(1 / sqrt(float32(in)))
	l := &Linear{Name: name, Weight: ps.Add(name+".weight", init, out, in)}
	if bias {
		l.Bias = ps.Add(name+".bias", init, out)
	}
	return l
}

// Forward records y [rows, out] for x [rows, in], rows of any layout: of images,
// it is the same for every pixel.
func (l *Linear) Forward(t *Tape, x *Node) *Node {
	w := t.Param(l.Weight)
	op := &linear{tape: t, x: x, w: w, y: t.Node(x.Layout, w.Rows)}
	op.b = l.record(t, op, w, x, op.y)
	return op.y
}

// record records an operation that makes y of x with the layer's parameters, the weights w and the bias, which is returned, or nil.
// It panics when x's features are not w's.
func (l *Linear) record(t *Tape, op Operation, w *Weight, x, y *Node) (b *Weight) {
	if x.Cols != w.Cols {
		panic(fmt.Sprintf("nn: %s takes %d features, got %d (%v)", l.Name, w.Cols, x.Cols, x))
	}
	use := Use{Name: l.Name, Inputs: []*Node{x}, Outputs: []*Node{y}, Keep: []*Node{x},
		Weights: []*Weight{w}, Sets: true, Strided: true}
	if l.Bias != nil {
		b = t.Param(l.Bias)
		use.Weights = append(use.Weights, b)
	}
	t.Record(op, use)
	return b
}

type linear struct {
	tape *Tape
	x, y *Node
	w, b *Weight
}

func (o *linear) operations() int { return 2 * o.x.Rows * o.w.Rows * o.w.Cols }

func (o *linear) packing() (w *Weight, c *readyConv, forward, backward int) {
	forward = o.tape.pool.PackedProduct(o.w.Cols, o.w.Rows)
	if o.x.NeedsGrad() {
		backward = o.tape.pool.PackedProduct(o.w.Rows, o.w.Cols)
	}
	return o.w, nil, forward, backward
}

func (o *linear) Forward() {
	var bias []float32
	if o.b != nil {
		bias = o.b.Value().Data
	}
	o.w.multiply(o.y.Value(), o.x.Value(), bias)
}

func (o *linear) Backward() {
	x, dy := o.x.Value(), o.y.Grad()
	if o.b != nil {
		o.b.addColumnSums(o.y.Layout, dy)
	}
	o.w.addProducts(o.y.Layout, dy, x)
	if o.x.NeedsGrad() {
		o.w.multiplyBack(o.x, dy)
	}
}
