package nn

import (
	"strings"
	"testing"
)

// idle is an operation that does nothing.
type idle struct{}

func (idle) Forward()  {}
func (idle) Backward() {}

// inPlace gives use an input of three columns and an output of cols.
func inPlace(t *Tape, cols int, use Use) Use {
	x := t.Node(t.Shape.Layout(), 3)
	t.Record(idle{}, Use{Name: "before", Outputs: []*Node{x}})
	use.Inputs, use.Outputs = []*Node{x}, []*Node{t.Node(t.Shape.Layout(), cols)}
	return use
}

// What cannot be is refused when it is recorded, with the operation's name.
func TestRecordRefuses(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
	for want, use := range map[string]func(t, other *Tape, p *Param) Use{
		"nn: op reads an activation that is not of this tape (input 1)": func(t, other *Tape, _ *Param) Use {
			own, foreign := t.Node(shape.Layout(), 3), other.Node(shape.Layout(), 3)
			t.Record(idle{}, Use{Name: "own", Outputs: []*Node{own}})
			other.Record(idle{}, Use{Name: "foreign", Outputs: []*Node{foreign}})
			return Use{Inputs: []*Node{own, foreign}}
		},
		"nn: op reads an activation of 2x3 that no operation has written yet (input 0)": func(t, _ *Tape, _ *Param) Use {
			return Use{Inputs: []*Node{t.Node(shape.Layout(), 3)}}
		},
		"nn: op writes an activation that first writes (output 0)": func(t, _ *Tape, _ *Param) Use {
			y := t.Node(shape.Layout(), 3)
			t.Record(idle{}, Use{Name: "first", Outputs: []*Node{y}})
			return Use{Outputs: []*Node{y}}
		},
		"nn: op writes an activation that is not of this tape (output 0)": func(_, other *Tape, _ *Param) Use {
			return Use{Outputs: []*Node{other.Node(shape.Layout(), 3)}}
		},
		"nn: op writes over an input of the network (output 0)": func(t, _ *Tape, _ *Param) Use {
			return Use{Outputs: []*Node{t.Images(somePixels(t, 2, 2, 1, 0))}}
		},
		"nn: op writes one activation twice (output 1)": func(t, _ *Tape, _ *Param) Use {
			y := t.Node(shape.Layout(), 3)
			return Use{Outputs: []*Node{y, y}}
		},
		"nn: op keeps an activation that it neither reads nor writes (Use.Keep, 0)": func(t, other *Tape, _ *Param) Use {
			return Use{Outputs: []*Node{t.Node(shape.Layout(), 3)}, Keep: []*Node{other.Node(shape.Layout(), 3)}}
		},
		"nn: op has a buffer that is not of this tape (Use.Saved and Use.Scratch, 0)": func(_, other *Tape, _ *Param) Use {
			return Use{Saved: []*Buffer{other.Buffer(5)}}
		},
		"nn: op has a buffer that is not of this tape (Use.Saved and Use.Scratch, 1)": func(t, _ *Tape, _ *Param) Use {
			return Use{Saved: []*Buffer{t.Buffer(5)}, Scratch: []*Buffer{nil}}
		},
		"nn: op has one buffer among Use.Saved and Use.Scratch": func(t, _ *Tape, _ *Param) Use {
			b := t.Buffer(5)
			return Use{Saved: []*Buffer{b}, Scratch: []*Buffer{b}}
		},
		"nn: op uses a weight that is not of this tape": func(_, other *Tape, p *Param) Use {
			return Use{Weights: []*Weight{other.Param(p)}}
		},
		"nn: op has Use.InPlace without Use.Sets": func(t, _ *Tape, _ *Param) Use {
			return inPlace(t, 3, Use{InPlace: true})
		},
		"nn: op has Use.InPlace, but no input or no output": func(t, _ *Tape, _ *Param) Use {
			return Use{InPlace: true, Sets: true, Outputs: []*Node{t.Node(shape.Layout(), 3)}}
		},
		"nn: op has Use.InPlace for 3 columns for 1 step of 1 lane of 2 rows in the place of 4 columns": func(t, _ *Tape, _ *Param) Use {
			return inPlace(t, 4, Use{InPlace: true, Sets: true})
		},
		"nn: op has Use.InPlace for an input that it reads twice": func(t, _ *Tape, _ *Param) Use {
			u := inPlace(t, 3, Use{InPlace: true, Sets: true})
			u.Inputs = append(u.Inputs, u.Inputs[0])
			return u
		},
		"nn: op recorded after Plan": func(t, _ *Tape, _ *Param) Use { t.Plan(); return Use{} },
	} {
		ps := NewParams()
		p := ps.Add("p", nil, 3)
		tape, other := NewTape(ps, nil, shape, Training, 0), NewTape(ps, nil, shape, Training, 0)
		got := panicOf(func() {
			u := use(tape, other, p)
			u.Name = "op"
			tape.Record(idle{}, u)
		})
		if !strings.Contains(got, want) {
			t.Errorf("panic %q, want %q", got, want)
		}
	}
}
