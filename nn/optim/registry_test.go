package optim

import (
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// slope is plain descent times a factor.
type slope struct {
	Times float64 `field:"times" allowed:"(0, 10]" about:"factor of every step"`
}

type slopes struct {
	slope
	elementwise
	lr float32
}

func (o *slopes) Name() string        { return "slope" }
func (o *slopes) State() []NamedSlice { return nil }
func (o *slopes) Step(pool *tensor.Pool, params, grad []float32, lr float64, _ uint64) {
	o.walk(pool, params, grad, func(g *Group) { o.lr = float32(lr * g.Rate * o.Times) })
}

func newSlope(c slope, groups []Group, _ float64) Optimizer {
	o := &slopes{slope: c}
	o.init(groups, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			o.params[i] -= float32(o.lr * o.grad[i])
		}
	})
	return o
}

// A kind of one's own is found by its name, with its fields and their defaults.
func TestRegister(t *testing.T) {
	Register("slope", Kind[slope]{About: "plain", Defaults: slope{Times: 2}, New: newSlope})
	info, ok := Lookup("slope")
	if !ok || info.About != "plain" || len(info.Fields) != 1 || info.Fields[0].Name != "times" || !slices.Equal(Names(), []string{"slope"}) {
		t.Fatalf("%+v, %v", info, Names())
	}
	if _, ok := Lookup("adam"); ok {
		t.Error("adam is among a program's own")
	}
	config := info.Config()
	for times, want := range map[string][]float32{"2": {-1, -1}, "0.5": {-0.25, -0.25}} {
		if !info.Fields[0].Set(config, times) {
			t.Fatal(times)
		}
		params := []float32{0, 0}
		info.New(config, Whole(2), 0).Step(nil, params, []float32{1, 1}, 0.5, 0)
		if !slices.Equal(params, want) {
			t.Errorf("times %s: %v, want %v", times, params, want)
		}
	}
	if info.Fields[0].Text(info.Config()) != "2" {
		t.Error("what was set of one became the default")
	}
	for want, register := range map[string]func(){
		`"slope" registered twice`: func() { Register("slope", Kind[slope]{New: newSlope}) },
		`"adamw" registered twice`: func() { Register("adamw", Kind[slope]{New: newSlope}) },
		`"" registered twice`:      func() { Register("", Kind[slope]{New: newSlope}) },
		"without New":              func() { Register("other", Kind[slope]{}) },
		"clip, which all optimizers have": func() {
			type clips struct {
				Clip float64 `field:"clip" allowed:"[0, 1]"`
			}
			Register("clips", Kind[clips]{New: func(clips, []Group, float64) Optimizer { return nil }})
		},
	} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, want) {
					t.Errorf("panic %q, want one with %q", text, want)
				}
			}()
			register()
		}()
	}
}
