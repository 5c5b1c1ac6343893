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
	if x.Cols != w.Cols {
		panic(fmt.Sprintf("nn: %s takes %d features, got %d (%v)", l.Name, w.Cols, x.Cols, x))
	}
	op := &linear{tape: t, x: x, w: w, y: t.Node(x.Layout, w.Rows)}
	use := Use{Name: l.Name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Keep: []*Node{x},
		Weights: []*Weight{w}, Sets: true, Strided: true}
	if l.Bias != nil {
		op.b = t.Param(l.Bias)
		use.Weights = append(use.Weights, op.b)
	}
	t.Record(op, use)
	return op.y
}

type linear struct {
	tape *Tape
	x, y *Node
	w, b *Weight
}

func (o *linear) operations() int { return 2 * o.x.Rows * o.w.Rows * o.w.Cols }

func (o *linear) Forward() {
	var bias []float32
	if o.b != nil {
		bias = o.b.Value().Data
	}
	o.tape.pool.MatMulBias(o.y.Value(), o.x.Value(), o.w.Forward(), bias)
}

func (o *linear) Backward() {
	x, dy := o.x.Value(), o.y.Grad()
	if o.b != nil {
		o.b.addColumnSums(o.y.Layout, dy)
	}
	o.w.addProducts(o.y.Layout, dy, x)
	if o.x.NeedsGrad() {
		o.w.addInput(o.x, dy)
	}
}
