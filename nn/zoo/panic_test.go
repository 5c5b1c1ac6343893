package zoo

import (
	"errors"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

// clumsy is a model that panics where it is told to.
type clumsy struct {
	charLM
	forward func(t *nn.Tape, x *nn.Node) *nn.Node
}

func (m *clumsy) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	return m.forward(t, m.encoder.Forward(t, b.Tokens("text", m.vocab)))
}

func newClumsy(forward func(t *nn.Tape, x *nn.Node) *nn.Node) *Network {
	ps := nn.NewParams()
	m := &clumsy{charLM{vocab: 20, params: ps, encoder: nn.NewEmbedding(ps, "encoder", 20, 4)}, forward}
	ps.Allocate()
	return &Network{m, "clumsy"}
}

// A panic of a model is one line that says what and where.
func TestPanics(t *testing.T) {
	narrow := nn.NewLinear(nn.NewParams(), "head", 3, 20, true)
	var empty []int
	for name, c := range map[string]struct {
		model *Network
		wants []string
	}{
		"in Forward": {newClumsy(func(*nn.Tape, *nn.Node) *nn.Node { panic("two\nlines of it") }),
			[]string{"model.kind: clumsy panics: two lines of it (panic_test.go:", "TestPanics"}},
		"in the runtime": {newClumsy(func(t *nn.Tape, x *nn.Node) *nn.Node { empty[len(x.Value().Data)] = 1; return x }),
			[]string{"(panic_test.go:", "TestPanics"}},
		"in a library": {newClumsy(func(t *nn.Tape, x *nn.Node) *nn.Node { panic(strings.Repeat("x", -1)) }),
			[]string{"negative Repeat count", "(panic_test.go:", "TestPanics"}},
		"in a layer": {newClumsy(func(t *nn.Tape, x *nn.Node) *nn.Node { return narrow.Forward(t, x) }),
			[]string{"head", "(panic_test.go:", "TestPanics"}},
	} {
		err := Check(c.model, task.Default(task.Next), nn.Shape{Steps: 2, Lanes: 1, Rows: 2})
		if _, ok := errors.AsType[*PanicError](err); !ok || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", name, err)
			continue
		}
		for _, want := range c.wants {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want one with %q", name, err, want)
			}
		}
	}
}

// A layer that is made in Forward would be another one for every shape of a batch.
func TestLayerMadeInForward(t *testing.T) {
	var m *Network
	m = newClumsy(func(t *nn.Tape, x *nn.Node) *nn.Node {
		return nn.NewLinear(m.Params(), "head", 4, 20, true).Forward(t, x)
	})
	err := Check(m, task.Default(task.Next), nn.Shape{Steps: 2, Lanes: 1, Rows: 2})
	if want := "Forward registers the parameter head.weight, and it is called for every shape"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}

// New does not let a constructor panic, and Sample and TextLoss do not let a model.
func TestPanicsElsewhere(t *testing.T) {
	Register("clumsy", Kind[CharLM]{Task: task.Next, New: func(CharLM) (Model, error) { panic("not today") }})
	defer delete(kinds, "clumsy")
	m := newClumsy(func(*nn.Tape, *nn.Node) *nn.Node { panic("not today") })
	for name, do := range map[string]func() error{
		"New":      func() error { _, err := New("clumsy", small("lstm")); return err },
		"Sample":   func() error { _, err := Sample(m, []byte{1}, 1, 1, 1); return err },
		"TextLoss": func() error { _, err := TextLoss(m, []byte{1, 2, 3}); return err },
	} {
		if err := do(); err == nil || !strings.HasPrefix(err.Error(), "model.kind: clumsy panics: not today (panic_test.go:") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// A panic on a goroutine of the pool is told like any other.
func TestPanicOnPool(t *testing.T) {
	pool := tensor.NewPool(3)
	defer pool.Close()
	do := func() (err error) {
		defer Recover("clumsy", &err)
		pool.For(3, 1, func(lo, _ int) {
			if lo == 2 {
				panic("on the pool")
			}
		})
		return nil
	}
	if err := do(); err == nil || !strings.HasPrefix(err.Error(), "model.kind: clumsy panics: on the pool (panic_test.go:") {
		t.Errorf("error %v", err)
	}
}
