package runfile

import (
	"slices"
	"strings"
)

// ModelKinds are the networks that model.kind may name. A binary with models of its own appends theirs
// before it loads a run file.
var ModelKinds = []string{"charlm", "lenet5", "mobilenetv2", "resnet18"}

// ModelFields are the fields of the section model that a kind reads, beside kind itself. The others may not
// be given, are not printed and decide no bits. A kind that is not here reads all.
var ModelFields = map[string][]string{
	"charlm":      {"cell", "hidden", "layers", "embed", "dropout", "weight_norm", "vocab"},
	"lenet5":      {"classes", "image", "channels"},
	"mobilenetv2": {"classes", "image", "channels", "dropout"},
	"resnet18":    {"classes", "image", "channels"},
}

// roundings hold, for kinds whose results once had other bits, the release since which they have those of now: a
// checkpoint from before cannot go on to the bits of one run. A change of the order of sums changes this.
var roundings = map[string]string{"lenet5": "0.3.0", "mobilenetv2": "0.3.0", "resnet18": "0.3.0"}

// ReadsImages reports a model of images rather than text.
func (m Model) ReadsImages() bool { return slices.Contains(ModelFields[m.Kind], "image") }

// Sample is what the model predicts one of: a char or an image.
func (m Model) Sample() string {
	if m.ReadsImages() {
		return "image"
	}
	return "char"
}

// Text names the model in a word or two: "charlm lstm".
func (m Model) Text() string {
	if m.Cell == "" || m.ReadsImages() {
		return m.Kind
	}
	return m.Kind + " " + m.Cell
}

// RowLength is how many time steps a row of the batch has: images have one.
func (f *File) RowLength() int {
	if f.Model.ReadsImages() {
		return 1
	}
	return f.Batch.Length
}

// fillModel gives the fields of an image model, or of one that is not known here, their defaults: those of the
// data set that the network was made for.
func fillModel(m *Model, given func(path string) bool) {
	if _, known := ModelFields[m.Kind]; known && !m.ReadsImages() {
		return
	}
	classes, image, channels := 1000, 224, 3
	if m.Kind == "lenet5" {
		classes, image, channels = 10, 28, 1
	}
	for _, f := range []struct {
		path  string
		field *int
		value int
	}{{"model.classes", &m.Classes, classes}, {"model.image", &m.Image, image}, {"model.channels", &m.Channels, channels}} {
		if !given(f.path) {
			*f.field = f.value
		}
	}
	if m.Kind == "mobilenetv2" && !given("model.dropout") {
		m.Dropout = 0.2
	}
}

// misplaced says what is wanted in place of a field that the file's model does not read, or nothing when it
// reads it.
func (d *field) misplaced(f *File) string {
	name, ofModel := strings.CutPrefix(d.path, "model.")
	reads, known := ModelFields[f.Model.Kind]
	switch {
	case ofModel && name != "kind" && known && !slices.Contains(reads, name):
		return "nothing: " + f.Model.Kind + " reads " + strings.Join(reads, ", ")
	case d.path == "batch.length" && f.Model.ReadsImages():
		return "nothing: the images of " + f.Model.Kind + " have no time steps"
	case d.path == "convolution" && known && !f.Model.ReadsImages():
		return "nothing: " + f.Model.Kind + " has no convolutions"
	}
	return ""
}
