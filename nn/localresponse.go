package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn/portable"
	"github.com/rondo-ml/rondo/tensor"
)

// LocalResponseNorm is torch.nn.LocalResponseNorm over the channels of every pixel
// (Krizhevsky, Sutskever and Hinton, 2012), and Caffe's LRN across channels:
//
//	s[c] = K + Alpha/Size·Σ x[i]²,  i from c - Size/2 to c + (Size-1)/2
//	y[c] = x[c]/s[c]^Beta
//
// Channels that do not exist count as zero. Both divide Alpha by Size, which the
// paper's formula does not: its alpha of 1e-4 is 5e-4 here for a size of 5.
type LocalResponseNorm struct {
	Name           string
	Size           int // channels of a window
	Alpha, Beta, K float32
}

// NewLocalResponseNorm returns one of PyTorch's defaults: an Alpha of 1e-4, a Beta of
// 0.75 and a K of 1. It panics unless size is at least 1.
func NewLocalResponseNorm(name string, size int) *LocalResponseNorm {
	if size < 1 {
		panic(fmt.Sprintf("nn: %s has windows of %d channels; at least one is needed", name, size))
	}
	return &LocalResponseNorm{Name: name, Size: size, Alpha: 1e-4, Beta: 0.75, K: 1}
}

// Forward records y, of x's shape.
func (l *LocalResponseNorm) Forward(t *Tape, x *Node) *Node {
	op := &localResponse{LocalResponseNorm: *l, tape: t, x: x, y: t.like(x), sums: t.Buffer(x.Rows * x.Cols), some: max(1, inCache/x.Cols)}
	op.before, op.after = l.Size/2, (l.Size-1)/2
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.free.size = max(t.free.size, 2*op.some*x.Cols)
	t.Record(op, Use{Name: l.Name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Keep: []*Node{x}, Saved: []*Buffer{op.sums}, Sets: true})
	return op.y
}

// ForwardPart records the channels of the lane's pipeline of what Forward makes of all channels, for x [rows, F], those
// of the pipeline before it ([Tape.Pipelines]): windows at the ends of a part have channels of the one beside it, which
// the lane that has it sends. Without pipelines it is Forward. It panics unless K is above 0.
func (l *LocalResponseNorm) ForwardPart(t *Tape, x *Node) *Node {
	reach := l.Size / 2
	if t.pipelines == nil || reach == 0 {
		return l.Forward(t, x)
	}
	if !(l.K > 0) {
		panic(fmt.Sprintf("nn: %s has a K of %v; in pipelines it is above 0, as there are zeros beside the last channels", l.Name, l.K))
	}
	y := l.Forward(t, t.joinBorders(l.Name+".borders", x, reach))
	return t.Slice(l.Name+".part", y, reach, reach+x.Cols)
}

type localResponse struct {
	LocalResponseNorm
	tape          *Tape
	x, y          *Node
	sums          *Buffer // of x's shape: s
	some          int     // rows that are taken at a time
	before, after int     // channels of a window on either side

	dx    tensor.Matrix // while Backward runs
	fresh bool

	forward, backward func(lo, hi int) // over rows
}

func (o *localResponse) share(f func(lo, hi int)) { o.tape.pool.For(o.x.Rows, o.some, f) }

func (o *localResponse) Forward() { o.share(o.forward) }

func (o *localResponse) forwardRows(lo, hi int) {
	room := o.tape.free.take()
	defer o.tape.free.put(room)
	for ; lo < hi; lo += o.some {
		a, b := lo*o.x.Cols, min(hi, lo+o.some)*o.x.Cols
		x, s, t := o.x.Value().Data[a:b], o.sums.Data[a:b], room.g[:b-a]
		tensor.Mul(t, x, x)
		o.windows(s, t, o.before, o.after)
		tensor.Scale(s, s, o.Alpha/float32(o.Size))
		tensor.SubtractFrom(s, s, -o.K)
		o.power(t, s)
		tensor.Mul(o.y.Value().Data[a:b], x, t)
	}
}

// windows sums up the windows of every row.
func (o *localResponse) windows(dst, src []float32, before, after int) {
	for n := o.x.Cols; len(src) > 0; dst, src = dst[n:], src[n:] {
		tensor.WindowSums(dst[:n], src[:n], before, after)
	}
}

// power computes dst = s^-Beta.
func (o *localResponse) power(dst, s []float32) {
	if o.Beta == 0.75 {
		tensor.InverseRoots(dst, s)
		return
	}
	for i, v := range s {
		dst[i] = float32(portable.Pow(float64(v), -float64(o.Beta)))
	}
}

func (o *localResponse) Backward() {
	if o.dx, o.fresh = o.x.TakeGrad(); o.dx.Rows > 0 {
		o.share(o.backward)
	}
}

// backwardRows adds, with p = s^-Beta and the windows of s turned round,
//
//	dx[c] += dy[c]·p[c] - 2·Beta·Alpha/Size·x[c]·Σ dy[i]·x[i]·p[i]/s[i]
func (o *localResponse) backwardRows(lo, hi int) {
	room := o.tape.free.take()
	defer o.tape.free.put(room)
	factor := -2 * o.Beta * (o.Alpha / float32(o.Size))
	for ; lo < hi; lo += o.some {
		a, b := lo*o.x.Cols, min(hi, lo+o.some)*o.x.Cols
		n := b - a
		x, s, dx, dy := o.x.Value().Data[a:b], o.sums.Data[a:b], o.dx.Data[a:b], o.y.Grad().Data[a:b]
		p, t, w := room.g[:n], room.given[:n], room.g[n:2*n]
		o.power(p, s)
		tensor.Mul(p, p, dy)
		tensor.Mul(t, p, x)
		tensor.Div(t, t, s)
		o.windows(w, t, o.after, o.before)
		tensor.Mul(w, w, x)
		if o.fresh {
			copy(dx, p)
		} else {
			tensor.Add(dx, dx, p)
		}
		tensor.Axpy(dx, factor, w)
	}
}
