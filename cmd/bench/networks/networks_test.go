package networks

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// ticking is a clock that goes on by itself, so much at every reading.
func ticking(t *testing.T, by time.Duration) {
	at, real := time.Time{}, now
	now = func() time.Time { at = at.Add(by); return at }
	t.Cleanup(func() { now = real })
}

func lenet(t *testing.T) *zoo.Network {
	n, err := zoo.New("lenet5", zoo.Classifier{Classes: 3, Image: 12, Channels: 1})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTimes(t *testing.T) {
	ticking(t, 100*time.Millisecond)
	pool := tensor.NewPool(1)
	defer pool.Close()
	n := lenet(t)
	for name, take := range map[string]func() (float64, error){
		"step":      func() (float64, error) { return Step(t.Context(), n, task.Default(task.Class), pool, 2, 1) },
		"inference": func() (float64, error) { return Infer(t.Context(), n, task.Default(task.Class), pool, 1) },
	} {
		if got, err := take(); err != nil || got != 0.1 {
			t.Errorf("%s: %v, %v; between two readings of the clock lie 0.1 s", name, got, err)
		}
		if n.Params().Values != nil {
			t.Errorf("%s keeps the memory of the weights", name)
		}
	}
}

// TestCoarse wants a time above zero where the clock stands still, so that a rate can be made of it.
func TestCoarse(t *testing.T) {
	ticking(t, 0)
	if got, err := best(t.Context(), func() {}); err != nil || got <= 0 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestStopped(t *testing.T) {
	pool := tensor.NewPool(1)
	defer pool.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Infer(ctx, lenet(t), task.Default(task.Class), pool, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("a measurement that was stopped ends with %v", err)
	}
	if _, err := best(ctx, func() { t.Error("what was stopped is replayed") }); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped before the first replay: %v", err)
	}
}
