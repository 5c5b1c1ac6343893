package runfile

import (
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/nn/zoo"
)

// info is what the zoo says of the model's kind; of one that is not registered, nothing.
func (m Model) info() zoo.Info {
	info, _ := zoo.Lookup(m.Kind)
	return info
}

// Config is the section as the zoo builds models from it.
func (m Model) Config() zoo.Config {
	return zoo.Config{
		Kind: m.Kind, Cell: m.Cell, Vocab: m.Vocab, Hidden: m.Hidden, Layers: m.Layers, Embed: m.Embed,
		Dropout: float32(m.Dropout), WeightNorm: m.UsesWeightNorm(),
		Classes: m.Classes, Image: m.Image, Channels: m.Channels,
	}
}

// ReadsImages reports a model of images rather than text.
func (m Model) ReadsImages() bool { return m.info().Reads == zoo.Images }

// Sample is what the model predicts one of: a byte or an image.
func (m Model) Sample() string {
	if m.ReadsImages() {
		return "image"
	}
	return "byte"
}

// Text names the model in a word or two: "charlm lstm".
func (m Model) Text() string {
	if m.Cell == "" || !m.info().Has("cell") {
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

// modelDefaults are the values of the fields of a kind that its run file may leave out, where they are not those of
// setDefaults: the kind's own, or for images those of ImageNet.
func modelDefaults(info zoo.Info) Model {
	var m Model
	if info.Reads == zoo.Images {
		m.Classes, m.Image, m.Channels = 1000, 224, 3
	}
	own := info.Defaults
	for _, field := range []struct {
		at  *int
		own int
	}{{&m.Hidden, own.Hidden}, {&m.Layers, own.Layers}, {&m.Embed, own.Embed}, {&m.Vocab, own.Vocab},
		{&m.Classes, own.Classes}, {&m.Image, own.Image}, {&m.Channels, own.Channels}} {
		if field.own != 0 {
			*field.at = field.own
		}
	}
	m.Cell = own.Cell
	m.Dropout, _ = strconv.ParseFloat(strconv.FormatFloat(float64(own.Dropout), 'g', -1, 32), 64) // 0.2, not 0.2's nearest float32
	return m
}

// fillModel gives the fields of the section model that were not given the defaults of their kind.
func fillModel(f *File, given func(path string) bool) {
	info := f.Model.info()
	defaults := &File{Model: modelDefaults(info)}
	for i := range fields {
		d := &fields[i]
		if !strings.HasPrefix(d.path, "model.") || d.path == "model.kind" || given(d.path) {
			continue
		}
		if text := d.text(defaults); text != "" && text != "0" && text != "false" {
			d.set(f, text)
		}
	}
	if !given("model.weight_norm") {
		on := f.Model.Cell == "mlstm" || info.Defaults.WeightNorm
		f.Model.WeightNorm = &on
	}
}

// misplaced says what is wanted in place of a field that the file's model, or its section's kind, does not read, or
// nothing when it reads it.
func (d *field) misplaced(f *File) string {
	name, ofModel := strings.CutPrefix(d.path, "model.")
	info, known := zoo.Lookup(f.Model.Kind)
	switch {
	case ofModel && name != "kind" && known && !info.Has(name):
		if len(info.Fields) == 0 {
			return "nothing: " + f.Model.Kind + " reads no fields but kind"
		}
		return "nothing: " + f.Model.Kind + " reads " + strings.Join(info.Names(), ", ")
	case d.path == "batch.length" && info.Reads == zoo.Images:
		return "nothing: the images of " + f.Model.Kind + " have no time steps"
	case d.path == "convolution" && info.Reads == zoo.Text:
		return "nothing: " + f.Model.Kind + " has no convolutions"
	}
	return d.unread(f)
}
