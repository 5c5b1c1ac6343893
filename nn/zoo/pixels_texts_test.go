package zoo_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/check"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// Networks of pixels and texts keep the promises of all networks, for images of odd
// sizes and texts of different lengths.
func TestPixelsAndTextsKeepPromises(t *testing.T) {
	if testing.Short() {
		t.Skip("trains networks")
	}
	pixels := zoo.FCN{Classes: 3, Height: 9, Width: 14, Channels: 2, Filters: 3, Halvings: 2, Up: "bilinear"}
	transposed := pixels
	transposed.Up = "transposed"
	text := zoo.TextClassifier{Classes: 3, Symbols: "words", Vocab: 12, Embed: 5, Pooling: "mean", Hidden: 6, Dropout: 0.25}
	texts := []zoo.TextClassifier{text}
	for _, pooling := range []string{"sum", "gru", "lstm"} {
		c := text
		c.Pooling, c.Bidirectional = pooling, pooling == "lstm"
		texts = append(texts, c)
		c.Embed = 0
		texts = append(texts, c)
	}
	run := func(kind string, config any, learns string, shape nn.Shape) {
		t.Run(fmt.Sprintf("%+v", config), func(t *testing.T) {
			t.Parallel()
			m, err := zoo.New(kind, config)
			if err != nil {
				t.Fatal(err)
			}
			if err := check.Run(check.Model(m, task.Default(learns), shape)); err != nil {
				t.Error(err)
			}
		})
	}
	for _, c := range []zoo.FCN{pixels, transposed} {
		run("fcn", c, task.Pixels, nn.Shape{Steps: 1, Lanes: 4, Rows: 2})
	}
	for _, c := range texts {
		run("text-classifier", c, task.Class, nn.Shape{Steps: 6, Lanes: 4, Rows: 3})
	}
}

func TestPixelsAndTextsErrors(t *testing.T) {
	pixels := func(f func(c *zoo.FCN)) zoo.FCN {
		c := zoo.FCN{Classes: 2, Height: 128, Width: 128, Channels: 1, Filters: 16, Halvings: 3, Up: "bilinear"}
		f(&c)
		return c
	}
	text := func(f func(c *zoo.TextClassifier)) zoo.TextClassifier {
		c := zoo.TextClassifier{Classes: 2, Symbols: "bytes", Vocab: 256, Embed: 8, Pooling: "mean", Hidden: 4}
		f(&c)
		return c
	}
	for _, c := range []struct {
		kind   string
		config any
		want   string
	}{
		{"fcn", pixels(func(c *zoo.FCN) { c.Width = 7 }), "model.halvings: 3 of images of 128x7 is not allowed; they need 8 pixels"},
		{"fcn", pixels(func(c *zoo.FCN) { c.Up = "bicubic" }), "model.up: bicubic is not allowed; want one of bilinear, transposed"},
		{"fcn", pixels(func(c *zoo.FCN) { c.Classes = 257 }), "model.classes: 257"},
		{"fcn", pixels(func(c *zoo.FCN) { c.Filters, c.Halvings = 1024, 6 }), "model.filters: the model has"},
		{"text-classifier", text(func(c *zoo.TextClassifier) { c.Vocab = 255 }), "model.vocab: 255 is not allowed; there are 256 bytes"},
		{"text-classifier", text(func(c *zoo.TextClassifier) { c.Bidirectional = true }), "model.bidirectional: a bag (model.pooling = mean) has no direction"},
		{"text-classifier", text(func(c *zoo.TextClassifier) { c.Pooling = "max" }), "model.pooling: max is not allowed; want one of mean, sum, rnn"},
		{"text-classifier", text(func(c *zoo.TextClassifier) { c.Symbols = "letters" }), "model.symbols: letters"},
		{"text-classifier", text(func(c *zoo.TextClassifier) { c.Pooling, c.Hidden = "lstm", 1<<16 }), "model.hidden: the model has"},
	} {
		if _, err := zoo.New(c.kind, c.config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want one with %q", c.config, err, c.want)
		}
	}
}
