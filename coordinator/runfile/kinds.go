package runfile

import (
	"cmp"
	"strings"

	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// info is what the zoo says of the model's kind; of one that is not registered, nothing.
func (m Model) info() zoo.Info {
	info, _ := zoo.Lookup(m.Kind)
	return info
}

// Text names the model in a word or two: "charlm lstm".
func (m Model) Text() string {
	if d := m.info().Field("cell"); d != nil && m.Fields != nil {
		return m.Kind + " " + d.Text(m.Fields)
	}
	return m.Kind
}

// Set sets a field of the model's kind, as in "hidden", "256". It panics when the kind has no such field, or when it
// cannot be that: it is for programs, not for users.
func (m Model) Set(field, text string) {
	if d := m.info().Field(field); d == nil || !d.Set(m.Fields, text) {
		panic("runfile: " + m.Kind + " has no field " + field + " that may be " + text)
	}
}

// New returns what the network is to learn.
func (t Task) New() task.Task {
	info, ok := task.Lookup(t.Kind)
	if !ok {
		return task.Default(t.Kind) // which panics with the names of all
	}
	return info.New(t.Fields)
}

// counts reports whether what is learnt are classes, or labels, of which the set has so many each.
func (t Task) counts() bool {
	info, ok := task.Lookup(t.Kind)
	if !ok || t.Fields == nil {
		return false
	}
	_, counts := info.New(t.Fields).(task.Counted)
	return counts
}

// Sample is what the network predicts one of: a byte of a text, an image.
func (f *File) Sample() string {
	if info, _ := task.Lookup(f.Task.Kind); info.Unit != "" {
		return info.Unit
	}
	return cmp.Or(f.Model.info().Sample, "sample")
}

// LossInBits says whether the loss is shown in bits: the losses of some tasks, as a squared error, are shown as they are.
func (f *File) LossInBits() bool {
	info, _ := task.Lookup(f.Task.Kind)
	return info.Nats
}

// RowLength is how many time steps a row of the batch has: images have one.
func (f *File) RowLength() int {
	if !f.Model.info().Sequences {
		return 1
	}
	return f.Batch.Length
}

// kindsInPipelines are the kinds whose parts lanes can compute apart.
func kindsInPipelines() (names []string) {
	for _, k := range zoo.Kinds() {
		if k.Pipelines > 0 {
			names = append(names, k.Kind)
		}
	}
	return names
}

// misplaced says what is wanted in place of a field that the file's model, or its section's kind, does not read, or
// nothing when it reads it.
func (d *field) misplaced(f *File) string {
	info, known := zoo.Lookup(f.Model.Kind)
	switch {
	case d.path == "batch.length" && known && !info.Sequences:
		return "nothing: what " + f.Model.Kind + " reads has no time steps"
	case d.path == "batch.pipelines" && known && info.Pipelines == 0:
		return "nothing: " + f.Model.Kind + " is a network in one piece; pipelines are those of " + strings.Join(kindsInPipelines(), ", ")
	case d.path == "convolution" && f.Task.Kind == task.Next:
		return "nothing: " + f.Model.Kind + " has no convolutions"
	case d.path == "model.final_bias" && !f.Task.counts():
		return "nothing: task.kind = " + f.Task.Kind + " has no classes that could be counted"
	}
	return d.unread(f)
}
