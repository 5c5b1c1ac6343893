// Package zoo holds the architectures that a run file can name, and what is
// done with a trained one: sample text from it, measure a text with it.
//
//	model, err := zoo.New("charlm", zoo.CharLM{Cell: "lstm", Vocab: 256, Hidden: 256, Layers: 1, Embed: 64})
//	…
//	model.Params().Allocate()
//	model.Params().Initialize(seed)
//
// A [Model] is a list of parameters and a plain Go Forward method that records
// the network on a tape (see package nn): it asks the batch for the parts of the
// data that it reads. What is learnt from its output is a task (package nn/task).
// Parameters are named as in PyTorch, those of published networks as in the
// implementation that [Published] names, so that weights load both ways.
//
// A network of images is stages one after another and a head. It is a [Backbone]:
// its maps are taken at the ends of stages ([Maps]), and other networks build its
// stages under names of their own ([Info.Backbone]). A family stands in a file,
// reading like the table of its paper, of shared blocks (blocks.go).
//
// A kind of model is declared once, beside its network, by a struct with its
// fields. A program with models of its own registers them in an init function and
// then runs the same commands (package cmd):
//
//	func init() {
//		zoo.Register("mymodel", zoo.Kind[MyModel]{About: "…", Task: task.Class, Sample: "sound", Defaults: MyModel{Width: 64}, New: newMyModel})
//	}
//
//	type MyModel struct {
//		Width int `field:"width" allowed:"[1, 4096]" about:"units in a layer"`
//	}
//
//	type myModel struct {
//		params        *nn.Params
//		hidden, heads *nn.Linear
//	}
//
//	func newMyModel(c MyModel) (zoo.Model, error) {
//		ps := nn.NewParams()
//		return &myModel{ps, nn.NewLinear(ps, "hidden", 40, c.Width, true), nn.NewLinear(ps, "heads", c.Width, 10, true)}, nil
//	}
//
//	func (m *myModel) Params() *nn.Params { return m.params }
//
//	func (m *myModel) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
//		x := b.Vectors("values", 40) // a part of the data, by its name there
//		return m.heads.Forward(t, t.ReLU("relu", m.hidden.Forward(t, x)))
//	}
//
// examples/custom is such a program, with two inputs, a side head, and a data set
// and a task of its own, and a recurrent cell for the kinds that have one. A task is registered before the kinds that name it: init
// functions run in the order of the files' names. From the declaration follow what the run
// file's section model may hold, its checks and defaults, what `rondo models`
// prints, and which fields decide bits. A model that panics is an error of its
// user: [New], [Check] and those who train or use a model return a [PanicError].
// Package nn/check, and `train --check` for a run file, run a model through what
// is promised of all of them.
//
// Errors about a configuration name the field as the run file does
// ("model.hidden") and say what is allowed.
package zoo
