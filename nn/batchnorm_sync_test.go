package nn

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// lockstep replays a tape for every part of the lanes, beside each other.
func (r *rig) lockstep(parts []int, replay func(tape *Tape, output *Node)) {
	r.meet = NewLockstep(r.shape.Lanes)
	var tapes []*Tape
	var outputs []*Node
	lane := 0
	for _, lanes := range parts {
		tapes, outputs = append(tapes, r.tape(lanes, lane, Training)), append(outputs, r.output)
		lane += lanes
	}
	err := r.meet.Run(len(parts), func(i int) error {
		replay(tapes[i], outputs[i])
		return tapes[i].Failed()
	})
	if err != nil {
		panic(err)
	}
}

// syncNetworks have batch norms of images and sequences, alone and joined with
// what is before and behind them.
func syncNetworks(shape Shape) map[string]network {
	plain := func(ps *Params) func(*Tape, *States) *Node {
		x, n := newSource(ps, "x", shape, 6), NewBatchNorm(ps, "n", 6, BatchNormOptions{Eps: 0.1})
		return func(t *Tape, _ *States) *Node { return n.Forward(t, x.Forward(t)) }
	}
	twice := func(ps *Params) func(*Tape, *States) *Node {
		x, n := newImageSource(ps, "x", shape, 2, 2, 5), NewBatchNorm(ps, "n", 5, BatchNormOptions{Eps: 0.1, NoRunning: true})
		return func(t *Tape, _ *States) *Node {
			y := n.Forward(t, x.Forward(t))
			return t.Add("add", t.Tanh("tanh", n.Forward(t, y)), y) // one layer, two places
		}
	}
	return map[string]network{"rows": plain, "twice": twice}
}

func TestSyncBatchNormGradients(t *testing.T) {
	for _, shape := range []Shape{{Steps: 1, Lanes: 4, Rows: 1}, {Steps: 1, Lanes: 2, Rows: 2}, {Steps: 3, Lanes: 2, Rows: 2}} {
		for name, build := range syncNetworks(shape) {
			t.Run(name, func(t *testing.T) {
				pool := tensor.NewPool(2)
				defer pool.Close()
				r := newRig(pool, shape, build)
				r.sync = true
				r.check(t)
			})
		}
	}
}

// Whatever tape computes which lanes, on whatever threads, joined with others or
// not, a step has the same bits; also where a lane has one value of each channel.
func TestSyncBatchNormLanes(t *testing.T) {
	for _, shape := range []Shape{{Steps: 1, Lanes: 4, Rows: 1}, {Steps: 1, Lanes: 4, Rows: 3}, {Steps: 3, Lanes: 4, Rows: 2}} {
		networks := syncNetworks(shape)
		if shape.Steps == 1 {
			networks["blocks"] = normedBlocks(shape, 16, 16)
		}
		for _, f := range fusedNetworks() {
			if f.mode == Training && shape.Rows > 1 {
				networks[f.name] = f.on(shape)
			}
		}
		for name, build := range networks {
			t.Run(name, func(t *testing.T) {
				run := func(threads int, parts []int, change func(r *rig)) laneResult {
					pool := tensor.NewPool(threads)
					defer pool.Close()
					r := newRig(pool, shape, build)
					r.sync = true
					change(r)
					return r.run(parts)
				}
				as := func(*rig) {}
				want := run(1, []int{4}, as)
				for _, parts := range [][]int{{4}, {1, 3}, {2, 2}, {1, 1, 1, 1}} {
					if err := run(3, parts, as).differs(want); err != nil {
						t.Fatalf("lanes %v: %v", parts, err)
					}
				}
				if err := run(2, []int{3, 1}, func(r *rig) { r.poisoned = true }).differs(want); err != nil {
					t.Fatalf("with NaN where nobody should look: %v", err)
				}
				if err := run(2, []int{2, 2}, func(r *rig) { r.seen = true }).differs(want); err != nil {
					t.Fatalf("with operations apart: %v", err)
				}
			})
		}
	}
}

// One lane has the bits of a norm that knows of no others.
func TestSyncBatchNormOfOneLane(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 3}
	run := func(sync bool) laneResult {
		r := newRig(nil, shape, normedBlocks(shape, 7, 5))
		r.sync = sync
		return r.run([]int{1})
	}
	if err := run(true).differs(run(false)); err != nil {
		t.Error(err)
	}
}

// The batch in lanes has the values of PyTorch's batch norm over all of it: with a
// lane for each of three images, and with one for each of eighteen values of a channel.
func TestSyncBatchNormAgainstPyTorch(t *testing.T) {
	text, err := os.ReadFile("testdata/batchnorm/batchnorm.json")
	if err != nil {
		t.Fatal(err)
	}
	var ref normReference
	if err := json.Unmarshal(text, &ref); err != nil {
		t.Fatal(err)
	}
	for _, c := range ref.Cases {
		no := func(b *bool) bool { return b != nil && !*b }
		o := BatchNormOptions{Eps: c.Options.Eps, Momentum: c.Options.Momentum, NoAffine: no(c.Options.Affine), NoRunning: no(c.Options.Track)}
		if c.Name == "frozen" { // knows no batch
			continue
		}
		for _, pixels := range []int{6, 1} {
			got := syncNorm(o, ref.Given, 18/pixels, pixels)
			for name, values := range got {
				off, err := deviation(values, c.Values[name])
				if limit := 4*c.Errors[name] + 2e-7; err != nil || !(off <= limit) {
					t.Errorf("%s, %d values a lane: %s is off by %.2g of the largest value, at most %.2g is allowed (%v)", c.Name, pixels, name, off, limit, err)
				}
			}
		}
	}
}

// syncNorm computes two steps of lanes of one image each, every lane on a tape of its own.
func syncNorm(o BatchNormOptions, given map[string][]float32, lanes, pixels int) map[string][]float32 {
	shape := Shape{Steps: 1, Lanes: lanes, Rows: 1}
	ps := NewParams()
	x, norm := newImageSource(ps, "x", shape, pixels, 1, 4), NewBatchNorm(ps, "n", 4, o)
	ps.Allocate()
	ps.AllocateGrads(lanes)
	ps.Initialize(1)
	if !o.NoAffine {
		copy(norm.Weight.Value().Data, given["weight"])
		copy(norm.Bias.Value().Data, given["bias"])
	}
	if !o.NoRunning {
		copy(norm.Mean.Value(), given["running_mean"])
		copy(norm.Variance.Value(), given["running_var"])
	}
	meet := NewLockstep(lanes)
	var tapes []*Tape
	var ys []*Node
	one := shape
	one.Lanes = 1
	for lane := range lanes {
		tape := NewTape(ps, nil, one, Training, 0)
		tape.SyncBatchNorm(lanes, meet.Gatherer(lane))
		y := norm.Forward(tape, x.Forward(tape))
		newSeed(tape, y, given["y_grad"][lane*pixels*4:][:pixels*4])
		tape.Keep(y)
		tape.Plan()
		tape.Begin(0, lane, lane)
		tapes, ys = append(tapes, tape), append(ys, y)
	}
	for _, step := range []string{"x0", "x1"} {
		copy(x.p.Value().Data, given[step])
		ps.Changed()
		err := meet.Run(lanes, func(i int) error {
			tapes[i].Forward()
			tapes[i].Backward(nil)
			return tapes[i].Failed()
		})
		if err != nil {
			panic(err)
		}
		sum := make([]float32, ps.StatisticsSize())
		for l := range lanes {
			tensor.Add(sum, sum, ps.LaneMeasured(l))
		}
		ps.Track(sum, lanes)
	}
	got := map[string][]float32{"x_grad": laneSum(ps, x.p)}
	for _, y := range ys {
		got["y"] = append(got["y"], y.Value().Data...)
	}
	if !o.NoAffine {
		got["weight"], got["bias"] = laneSum(ps, norm.Weight), laneSum(ps, norm.Bias)
	}
	if !o.NoRunning {
		got["running_mean"], got["running_var"] = norm.Mean.Value(), norm.Variance.Value()
	}
	return got
}

// failing is a gatherer for a tape that has all lanes, some of whose gathers fail.
type failing struct {
	begins, waits int // how many succeed before one fails; -1: all
}

var errGather = errors.New("the ring is cut")

func (f *failing) Gather(_ uint32, own, all [][]float64) (Gathering, error) {
	if f.begins--; f.begins == -1 {
		return nil, errGather
	}
	for l := range own {
		copy(all[l], own[l])
	}
	return f, nil
}

func (f *failing) Wait() error {
	if f.waits--; f.waits == -1 {
		return errGather
	}
	return nil
}

// A tape whose gather fails, anywhere, ends at once and says why; replayed, it has
// the bits of a calm step.
func TestSyncBatchNormFails(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 4, Rows: 2}
	calm := newRig(nil, shape, normedBlocks(shape, 6, 5))
	calm.sync = true
	want := calm.run([]int{4})

	r := newRig(nil, shape, normedBlocks(shape, 6, 5))
	g, told := &failing{-1, -1}, 0
	tape := NewTape(r.params, nil, shape, Training, rigSeed)
	tape.SyncBatchNorm(4, g)
	y := r.forward(tape, r.states)
	tape.Record(&functional{tape: tape, y: y, all: shape}, Use{Name: "functional", Inputs: []*Node{y}})
	tape.Plan()
	tape.Begin(3, 0, 0)
	ready := func(begin, end int) { told += end - begin }
	const norms = 7
	for at := range 2 * norms {
		for _, f := range []failing{{at, -1}, {-1, at}} {
			*g, told = f, 0
			tape.Forward()
			if failed := tape.Failed() != nil; failed != (at < norms) {
				t.Fatalf("gather %d: failed in Forward: %v (%v)", at, failed, tape.Failed())
			}
			tape.Backward(ready)
			if err := tape.Failed(); !errors.Is(err, errGather) || !strings.Contains(err.Error(), ": the ring is cut") {
				t.Fatalf("gather %d: error %v", at, err)
			}
			if told == r.params.Size() {
				t.Errorf("gather %d: all gradients are said to be complete", at)
			}
		}
	}
	*g, told = failing{-1, -1}, 0
	tape.Forward()
	tape.Backward(ready)
	if err := tape.Failed(); err != nil || told != r.params.Size() {
		t.Fatalf("%d elements complete, error %v", told, err)
	}
	if err := sameBits(r.params.Grads, want.grads); err != nil {
		t.Errorf("after failures: %v", err)
	}
}

// A value that is not finite reaches every lane, and the lane it comes from is known to all; the
// operation is found without another gather.
func TestSyncBatchNormOddLane(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 4, Rows: 2}
	r := newRig(nil, shape, normedBlocks(shape, 6, 5))
	r.sync = true
	at := shape.Lanes / 2
	x := r.params.List[0].Value().Data
	x[len(x)/4*at+5] = float32(math.Inf(1))
	r.params.Changed()
	var odd []int
	r.lockstep([]int{1, 1, 1, 1}, func(tape *Tape, output *Node) {
		tape.Forward()
		odd = append(odd, tape.OddLane())
		if !tensor.HasNonFinite(output.Value().Data) {
			t.Error("the output of a lane is finite")
		}
		name := tape.FirstNonFinite()
		if want := map[bool]string{true: "x", false: "first"}[tape.lane == at]; name != want {
			t.Errorf("lane %d: %q is the first that is not finite, want %s", tape.lane, name, want)
		}
	})
	if !slices.Equal(odd, []int{at, at, at, at}) {
		t.Errorf("lanes %v, want %d from all", odd, at)
	}
}

func TestSyncBatchNormRefuses(t *testing.T) {
	one := Shape{Steps: 1, Lanes: 1, Rows: 1}
	record := func(lanes int) error {
		ps := NewParams()
		tape := NewTape(ps, nil, one, Training, 0)
		tape.SyncBatchNorm(lanes, nil)
		NewBatchNorm(ps, "n", 3, BatchNormOptions{}).Forward(tape, newSource(ps, "x", one, 3).Forward(tape))
		return tape.Err()
	}
	if err := record(2); err != nil {
		t.Errorf("two values a channel in two lanes: %v", err)
	}
	if err := record(1); err == nil || !strings.Contains(err.Error(), "n has one value of each channel in the batch") {
		t.Errorf("one value in all: %v", err)
	}
	ps := NewParams()
	tape := NewTape(ps, nil, Shape{Steps: 1, Lanes: 3, Rows: 1}, Training, 0)
	if got := panicOf(func() { tape.SyncBatchNorm(2, nil) }); !strings.Contains(got, "SyncBatchNorm over 2 lanes on a tape that has 3 lanes") {
		t.Errorf("panic %q", got)
	}
	// A tape of some lanes needs somebody who knows the others.
	r := newRig(nil, Shape{Steps: 1, Lanes: 4, Rows: 1}, syncNetworks(Shape{Steps: 1, Lanes: 4, Rows: 1})["rows"])
	r.sync = true
	tape = r.tape(2, 0, Training)
	tape.Forward()
	if err := tape.Failed(); err == nil || !strings.Contains(err.Error(), "has not all lanes of the batch") {
		t.Errorf("error %v", err)
	}
}

// Tapes that do not meet are no hang.
func TestLockstepOfDifferentTapes(t *testing.T) {
	meet := NewLockstep(2)
	err := meet.Run(2, func(i int) error {
		if i == 1 {
			return nil
		}
		g, err := meet.Gatherer(0).Gather(4, [][]float64{{1}}, [][]float64{{0}, {0}})
		if err != nil {
			return err
		}
		return g.Wait()
	})
	if err == nil || !strings.Contains(err.Error(), "1 of 2 tapes wait for batch statistics") {
		t.Errorf("error %v", err)
	}
}

func TestSyncBatchNormAllocatesNothing(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 2}
	r := newRig(nil, shape, normedBlocks(shape, 6, 5))
	r.sync = true
	tape := r.tape(2, 0, Training)
	step := func() {
		r.params.Changed()
		tape.Forward()
		tape.Backward(nil)
	}
	step()
	if n := allocations(5, step); n != 0 {
		t.Errorf("%v allocations a step", n)
	}
}
