package nn

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// sharedImages are images that the lanes of a group have alike: a parameter, so that their gradient can be compared too.
type sharedImages struct {
	p      *Param
	layout Layout // of one group
	lanes  int    // of a group
}

func (s sharedImages) Forward(t *Tape) *Node {
	w, l := t.Param(s.p), s.layout
	l.Lanes = t.Shape.Lanes
	op := &sharedOp{sharedImages: s, tape: t, w: w, y: t.Node(l, s.p.Cols)}
	t.Record(op, Use{Name: s.p.Name, Outputs: []*Node{op.y}, Weights: []*Weight{w}})
	return op.y
}

type sharedOp struct {
	sharedImages
	tape *Tape
	w    *Weight
	y    *Node
}

// row is where a row of the tape lies in what all groups have, row by row through lanes, then steps.
func (s sharedImages) row(t *Tape, l Layout, row int) (lane, at int) {
	step, lane, at := l.Place(row)
	groups := s.p.Rows / (l.Steps * l.LaneRows())
	return lane, (step*groups+(t.lane+lane)/s.lanes)*l.LaneRows() + at
}

func (o *sharedOp) Forward() {
	for row := range o.y.Rows {
		_, at := o.row(o.tape, o.y.Layout, row)
		copy(o.y.Value().Row(row), o.p.Value().Row(at))
	}
}

func (o *sharedOp) Backward() {
	for row := range o.y.Rows {
		lane, at := o.row(o.tape, o.y.Layout, row)
		tensor.Axpy(o.w.Grad(lane).Row(at), 1, o.y.Grad().Row(row))
	}
}

// sharedEnd is a functional of the output, of which each lane of a group has its share.
type sharedEnd struct {
	tape  *Tape
	y     *Node
	lanes int // of a group
}

func (o *sharedEnd) Forward() {}

func (o *sharedEnd) Backward() {
	dy, l := o.y.Grad(), o.y.Layout
	for row := range dy.Rows {
		step, lane, at := l.Place(row)
		for j := range dy.Cols {
			i := ((step*7+(o.tape.lane+lane)/o.lanes)*l.LaneRows()+at)*dy.Cols + j
			dy.Row(row)[j] += functionalWeight(i) / float32(o.lanes)
		}
	}
}

// pipelined is a network in the manner of AlexNet, for groups of so many lanes.
func pipelined(group int, all Shape) network {
	return func(ps *Params) func(*Tape, *States) *Node {
		l := Layout{Steps: all.Steps, Lanes: 1, Rows: all.Rows}.WithImage(9, 8)
		x := sharedImages{ps.Add("x", UniformInit(1), all.Steps*all.Lanes/group*l.LaneRows(), 3), l, group}
		conv := func(name string, in, out, groups int) *Conv2d {
			return NewConv2d(ps, name, tensor.ConvShape{Cin: in, Cout: out, KH: 3, KW: 3, StrideH: 1, StrideW: 1, PadH: 1, PadW: 1, Groups: groups}, true, nil)
		}
		conv1, conv2, conv3 := conv("conv1", 3, 12, 1), conv("conv2", 12, 24, 12), conv("conv3", 24, 12, 1)
		norm := NewLocalResponseNorm("norm", 5)
		norm.Alpha = 0.5
		fc1, fc2, fc3 := NewLinear(ps, "fc1", 4*4*12, 36, true), NewLinear(ps, "fc2", 36, 12, false), NewLinear(ps, "fc3", 12, 5, true)
		return func(t *Tape, _ *States) *Node {
			y := t.Tanh("tanh1", conv1.ForwardPart(t, x.Forward(t)))
			y = t.MaxPool("pool", norm.ForwardPart(t, y), tensor.PoolShape{KH: 3, KW: 2, StrideH: 2, StrideW: 2})
			y = t.Tanh("tanh2", conv2.ForwardPart(t, y))
			y = t.Tanh("tanh3", conv3.ForwardPart(t, t.JoinParts("join2", y)))
			y = t.Flatten("flatten", t.JoinParts("join3", y))
			y = t.JoinParts("join4", t.Tanh("tanh4", fc1.ForwardPart(t, y)))
			y = t.JoinParts("join5", fc2.ForwardPart(t, NewDropout("drop", 0.4, 3).Forward(t, y)))
			y = fc3.Forward(t, y)
			t.Record(&sharedEnd{t, y, group}, Use{Name: "end", Inputs: []*Node{y}})
			t.Keep(y)
			return y
		}
	}
}

// newPipelined is a rig of pipelines, or with a group of one of the network in one piece.
func newPipelined(group int, all Shape, threads int) *rig {
	r := newRig(tensor.NewPool(threads), all, pipelined(group, all))
	r.ends = true
	r.pipelines = group
	return r
}

// The lanes of a group have the outputs of the network in one piece, to the bit, and their gradients add up to its.
func TestPipelinesAreTheWhole(t *testing.T) {
	for _, shape := range []Shape{{Steps: 1, Lanes: 1, Rows: 3}, {Steps: 2, Lanes: 2, Rows: 2}} {
		for _, group := range []int{2, 3, 4} {
			t.Run(fmt.Sprintf("%d of %v", group, shape), func(t *testing.T) {
				one := newPipelined(1, shape, 2)
				defer one.pool.Close()
				want := one.run([]int{shape.Lanes})
				shape.Lanes *= group
				many := newPipelined(group, shape, 2)
				defer many.pool.Close()
				got := many.run([]int{shape.Lanes})
				n := shape.Rows * 5
				for at := 0; at < len(got.outputs); at += n {
					step, lane := at/n/shape.Lanes, at/n%shape.Lanes
					of := (step*shape.Lanes/group + lane/group) * n
					if err := sameBits(got.outputs[at:at+n], want.outputs[of:of+n]); err != nil {
						t.Fatalf("step %d, lane %d: %v", step, lane, err)
					}
				}
				for _, p := range many.params.List {
					whole := one.params.List[p.Index]
					if off := distanceOfSums(many.params, p, one.params, whole); !(off < 1e-6) {
						t.Errorf("the gradient of %s is off by %.2g of its length", p.Name, off)
					}
				}
			})
		}
	}
}

// distanceOfSums compares the gradients of all lanes, summed up, of two parameters of one size.
func distanceOfSums(got *Params, p *Param, want *Params, q *Param) float64 {
	sum := func(ps *Params, p *Param) []float64 {
		sum := make([]float64, p.Size())
		for lane := range ps.Lanes {
			for i, g := range p.Grad(lane).Data {
				sum[i] += float64(g)
			}
		}
		return sum
	}
	square, length := 0.0, 0.0
	a, b := sum(got, p), sum(want, q)
	for i := range a {
		square += (a[i] - b[i]) * (a[i] - b[i])
		length += b[i] * b[i]
	}
	return math.Sqrt(square / length)
}

// A weight that is of one pipeline has no gradient in the lanes of another.
func TestPipelinesShareWeights(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 3}
	r := newPipelined(2, shape, 1)
	defer r.pool.Close()
	r.run([]int{1, 1})
	for _, p := range r.params.List {
		half := p.Size() / 2
		for lane := range 2 {
			grad := p.Grad(lane).Data
			own, other := grad[lane*half:(lane+1)*half], grad[(1-lane)*half:(2-lane)*half]
			switch nothing := allZero(other); {
			case allZero(own):
				t.Errorf("lane %d: %s has no gradient in its own half", lane, p.Name)
			case nothing != (p.Name != "x" && !strings.HasPrefix(p.Name, "fc3")):
				t.Errorf("lane %d: %s, in the other's half no gradient: %v", lane, p.Name, nothing)
			}
		}
	}
}

func allZero(x []float32) bool {
	for _, v := range x {
		if v != 0 {
			return false
		}
	}
	return true
}

// Whatever tape computes which lanes, on whatever threads, a step has the same bits.
func TestPipelinesLanes(t *testing.T) {
	for _, shape := range []Shape{{Steps: 1, Lanes: 4, Rows: 3}, {Steps: 2, Lanes: 4, Rows: 1}} {
		for _, group := range []int{2, 4} {
			run := func(threads int, parts []int, poisoned bool) laneResult {
				r := newPipelined(group, shape, threads)
				defer r.pool.Close()
				r.poisoned = poisoned
				return r.run(parts)
			}
			want := run(1, []int{4}, false)
			for _, parts := range [][]int{{4}, {1, 3}, {2, 2}, {1, 1, 1, 1}} {
				if err := run(3, parts, false).differs(want); err != nil {
					t.Errorf("groups of %d, lanes %v: %v", group, parts, err)
				}
			}
			if err := run(2, []int{3, 1}, true).differs(want); err != nil {
				t.Errorf("groups of %d, with NaN where nobody should look: %v", group, err)
			}
		}
	}
}

// brokenRing is a gatherer that fails after so many gathers.
type brokenRing struct{ left int }

func (b *brokenRing) Gather(_ uint32, own, all [][]float64) (Gathering, error) {
	if b.left--; b.left < 0 {
		return nil, errors.New("the ring broke")
	}
	for i := range all {
		copy(all[i], own[0])
	}
	return b, nil
}

func (b *brokenRing) Wait() error { return nil }

// A replay ends with the name of the place whose exchange fails, forward or backward, and there is no exchange without
// anybody who brings it.
func TestPipelinesFail(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 2}
	for _, c := range []struct {
		gatherer Gatherer
		want     string
	}{
		{&brokenRing{0}, "norm.borders: the ring broke"},
		{&brokenRing{2}, "join3: the ring broke"},
		{&brokenRing{5}, "join5: the ring broke"},
		{nil, "norm.borders: the tape has not all lanes"},
	} {
		r := newPipelined(2, shape, 1)
		r.gatherer = c.gatherer
		tape := r.tape(1, 0, Training)
		if tape.Forward(); tape.Failed() == nil {
			tape.Backward(nil)
		}
		if err := tape.Failed(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
		r.pool.Close()
	}
}

// All tapes name the lane whose values are the first that are not finite.
func TestPipelinesNameTheLane(t *testing.T) {
	r := newPipelined(2, Shape{Steps: 1, Lanes: 4, Rows: 2}, 1)
	defer r.pool.Close()
	r.params.List[0].Value().Row(2*9*8 + 5)[1] = float32(math.NaN()) // of the second group
	r.lockstep([]int{1, 2, 1}, func(tape *Tape, _ *Node) {
		tape.Forward()
		if got := tape.OddLane(); got != 2 {
			t.Errorf("the tape whose first lane is %d names lane %d", tape.lane, got)
		}
	})
}

func TestPipelinesMistakes(t *testing.T) {
	ps := NewParams()
	conv := func(in, out, groups int) *Conv2d {
		return NewConv2d(ps, fmt.Sprintf("conv%d.%d.%d", in, out, groups), tensor.ConvShape{Cin: in, Cout: out, KH: 1, KW: 1, StrideH: 1, StrideW: 1, Groups: groups}, false, nil)
	}
	tape := func() *Tape { return NewTape(ps, nil, Shape{Steps: 1, Lanes: 1, Rows: 2}, Training, 0) }
	images := func(t *Tape, channels int) *Node { return t.Node(t.Shape.Layout().WithImage(2, 2), channels) }
	oddConv, threeGroups, twoGroups := conv(4, 5, 1), conv(6, 6, 3), conv(4, 6, 2)
	oddLinear, linear := NewLinear(ps, "fc", 4, 5, true), NewLinear(ps, "fc2", 4, 6, true)
	for want, record := range map[string]func(*Tape){
		"conv4.5.1 has 5 outputs, which 2 pipelines cannot share":   func(t *Tape) { oddConv.ForwardPart(t, images(t, 4)) },
		"conv6.6.3 has 3 groups, which 2 pipelines cannot share":    func(t *Tape) { threeGroups.ForwardPart(t, images(t, 3)) },
		"conv4.6.2 takes images of 2 channels":                      func(t *Tape) { twoGroups.ForwardPart(t, images(t, 4)) },
		"fc has 5 outputs":                                          func(t *Tape) { oddLinear.ForwardPart(t, t.Node(t.Shape.Layout(), 4)) },
		"fc2 takes 4 features":                                      func(t *Tape) { linear.ForwardPart(t, t.Node(t.Shape.Layout(), 2)) },
		"Pipelines(2) over 2 lanes on a tape that has 1 lane and 1": func(t *Tape) { someTokens(t, t.Shape, 3); t.Pipelines(2, 2, nil) },
		"Pipelines(2) over 3 lanes":                                 func(t *Tape) { t.Pipelines(2, 3, nil) },
		"norm has a K of 0": func(t *Tape) {
			(&LocalResponseNorm{Name: "norm", Size: 3}).ForwardPart(t, images(t, 2))
		},
	} {
		panicked := func() (text string) {
			defer func() { text = fmt.Sprint(recover()) }()
			tape := tape()
			if !strings.HasPrefix(want, "Pipelines") {
				tape.Pipelines(2, 2, nil)
			}
			record(tape)
			return
		}()
		if !strings.Contains(panicked, want) {
			t.Errorf("%q, want %q", panicked, want)
		}
	}
}
