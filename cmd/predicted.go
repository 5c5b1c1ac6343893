package cmd

import (
	"errors"
	"fmt"
	"io"

	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/worker"
)

// predicted brings what a model says to where the user wants it.
type predicted struct {
	*predictFlags
	p       *worker.Predictor
	text    io.Writer
	learns  string
	classes []string    // names by number; nil: there are none
	tensors *logitsFile // --out FILE.safetensors or FILE.npy
	masks   *maskDir    // --out DIR
}

func newPredicted(o *predictFlags, p *worker.Predictor, text io.Writer) (*predicted, error) {
	to := &predicted{predictFlags: o, p: p, text: text, learns: p.File.Task.Kind}
	learns, _ := task.Lookup(to.learns)
	if part := p.Part(learns.Target); part != nil {
		to.classes = part.Classes
	}
	switch {
	case o.out == "":
	case holdsOutputs(o.out):
		to.tensors = &logitsFile{path: o.out, tensor: "logits"}
		if o.layer != "" {
			to.tensors.tensor = "features"
		}
	case to.learns == task.Pixels:
		to.masks = &maskDir{path: o.out, taken: map[string]bool{}}
	default:
		return nil, &usageError{fmt.Errorf("--out %s: masks go to a directory, and this model tells no pixels apart; name a .safetensors or .npy file, or use --json", o.out)}
	}
	return to, nil
}

// name is that of a class, or its number.
func (to *predicted) name(class int) string {
	if class >= 0 && class < len(to.classes) {
		return to.classes[class]
	}
	return fmt.Sprint(class)
}

// group asks the model about a group of inputs and tells what it says.
func (to *predicted) group(g inputGroup) error {
	if g.tiled != nil {
		return to.picture(g)
	}
	named := -1
	if g.names == nil {
		named = g.set.Schema().Part("name")
	}
	return to.p.Run(g.set, func(i int, out worker.Output) error {
		name := ""
		if named >= 0 {
			s, err := g.set.At(i)
			if err != nil {
				return err
			}
			name = string(s[named].Data)
		} else {
			name = g.names[i]
		}
		return to.tell(name, out)
	})
}

// picture puts the outputs of a picture's tiles together: where they overlap, the first counts.
func (to *predicted) picture(g inputGroup) error {
	t := g.tiled
	if to.layer != "" {
		return to.p.Run(g.set, func(i int, out worker.Output) error {
			return to.tell(fmt.Sprintf("%s at %d,%d", g.names[0], t.corners[i][0], t.corners[i][1]), out)
		})
	}
	whole := worker.Output{}
	var done []bool
	err := to.p.Run(g.set, func(i int, out worker.Output) error {
		if len(out.Shape) != 3 || out.Shape[0]+t.corners[i][0] > t.height || out.Shape[1]+t.corners[i][1] > t.width {
			return fmt.Errorf("%s: the model makes %v of a tile", g.names[0], out.Shape)
		}
		k := out.Shape[2]
		if whole.Logits == nil {
			whole = worker.Output{Shape: []int{t.height, t.width, k}, Logits: make([]float32, t.height*t.width*k)}
			done = make([]bool, t.height*t.width)
		}
		for y := range out.Shape[0] {
			for x := range out.Shape[1] {
				at, from := (t.corners[i][0]+y)*t.width+t.corners[i][1]+x, y*out.Shape[1]+x
				if !done[at] {
					copy(whole.Logits[at*k:(at+1)*k], out.Logits[from*k:])
					done[at] = true
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", g.names[0], err)
	}
	return to.tell(g.names[0], whole)
}

// tell tells what the model says of one input.
func (to *predicted) tell(name string, out worker.Output) error {
	if to.tensors != nil {
		return to.tensors.add(name, out)
	}
	said := said{Input: name}
	switch to.learns {
	case task.Class:
		steps := out.Best(to.top)
		if len(out.Shape) == 1 {
			said.Classes = to.named(steps[0])
		} else {
			for _, step := range steps {
				said.Steps = append(said.Steps, to.named(step[:1])[0])
			}
		}
	case task.Labels:
		said.Labels = to.named(out.Labels())
	case task.Pixels:
		mask, shares := out.Mask()
		for class, share := range shares {
			said.Shares = append(said.Shares, sharePart{to.name(class), class, share})
		}
		if to.masks != nil {
			var err error
			if said.Mask, err = to.masks.write(name, mask, out.Shape[0], out.Shape[1]); err != nil {
				return err
			}
		}
	case task.Transcript:
		said.Symbols = []string{}
		for _, s := range out.Symbols() {
			said.Symbols = append(said.Symbols, to.name(int(s)))
		}
	default:
		said.Values = out.Logits
	}
	return said.print(to.text, to.json)
}

func (to *predicted) named(guesses []worker.Guess) (list []guess) {
	for _, g := range guesses {
		list = append(list, guess{to.name(g.Class), g.Class, g.Probability})
	}
	return list
}

// finish writes what is written at the end.
func (to *predicted) finish() error {
	if to.tensors == nil {
		return nil
	}
	if len(to.tensors.names) == 0 {
		return errors.New("there are no inputs to write outputs of")
	}
	return to.tensors.write()
}
