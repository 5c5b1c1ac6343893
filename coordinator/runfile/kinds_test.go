package runfile

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// Kinds that are registered from outside.
func init() {
	zoo.Register("own-text", zoo.Kind[ownText]{Task: task.Next, Sequences: true, Rounding: "7.0.0",
		Defaults: ownText{Cell: "mlstm", Hidden: 20, Dropout: 0.1, Widths: []int{3, 4}},
		Derive: func(c *ownText, given func(string) bool) {
			if !given("deep") {
				c.Deep = c.Hidden > 10
			}
		},
		New: func(ownText) (zoo.Model, error) { return nil, errors.New("not built here") }})
	zoo.Register("own-images", zoo.Kind[struct{}]{Task: task.Class, Sample: "picture",
		New: func(struct{}) (zoo.Model, error) { return nil, errors.New("not built here") }})
}

type ownText struct {
	Hidden  int     `field:"hidden" allowed:"[1, 50]" about:"units"`
	Cell    string  `field:"cell" oneof:"lstm, mlstm"`
	Dropout float64 `field:"dropout" allowed:"[0, 1)"`
	Deep    bool    `field:"deep"`
	Widths  []int   `field:"widths" allowed:"[1, 9]"`
	Young   int     `field:"young" allowed:"[0, 9]" unsaid:"0"`
	inside  int
}

// A kind from outside has all that the zoo's own have: defaults, checks, what is printed and what decides bits.
func TestOwnKinds(t *testing.T) {
	f, err := Parse("r.yaml", []byte("data: {train: t}\nmodel: {kind: own-text}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if m := f.Model.Fields.(*ownText); m.Cell != "mlstm" || !m.Deep || m.Hidden != 20 || m.Dropout != 0.1 || f.Model.Text() != "own-text mlstm" || m.inside != 0 {
		t.Errorf("%+v", m)
	}
	bits := f.Bits()
	if bits[Rounding] != "7.0.0" || bits["model.hidden"] != "20" || bits["model.dropout"] != "0.1" || bits["batch.length"] != "64" || bits["model.widths"] != "3, 4" || bits["model.deep"] != "true" {
		t.Errorf("bits are decided by %v", bits)
	}
	for _, none := range []string{"model.layers", "model.embed", "model.image", "model.young", "convolution"} {
		if _, there := bits[none]; there || f.lookup(none) != nil && none != "model.young" && f.lookup(none).misplaced(f) == "" {
			t.Errorf("%s decides bits", none)
		}
	}
	again, err := Parse("r.yaml", []byte(f.YAML()), nil)
	if err != nil || !reflect.DeepEqual(f, again) {
		t.Errorf("%v\n%+v read back from\n%s", err, again, f.YAML())
	}
	f, err = Parse("r.yaml", []byte(images+"model: {kind: own-images}\nconvolution: winograd"), nil)
	if err != nil || f.Model.Text() != "own-images" || f.RowLength() != 1 || f.Sample() != "picture" || f.Task.Kind != task.Class {
		t.Errorf("%+v, %v", f, err)
	}
	for _, c := range []struct{ text, want string }{
		{"model: {kind: own-text, layers: 2}", `r.yaml:2: model.layers: found 2, want nothing: own-text reads hidden, cell, dropout, deep, widths, young`},
		{"model: {kind: own-text}\nconvolution: direct", `r.yaml:3: convolution: found "direct", want nothing: own-text has no convolutions`},
		{"model: {kind: own-text, hidden: 51}", `r.yaml:2: model.hidden: found 51, want a whole number from 1 to 50`},
		{"model: {kind: own-text, widths: [3, 10]}", `r.yaml:2: model.widths: found 3, 10, want a list of whole numbers from 1 to 9`},
		{"model: {kind: own-text, cell: gru}", `r.yaml:2: model.cell: found "gru", want one of lstm, mlstm`},
		{"model: {kind: own-text, deep: 1}", `r.yaml:2: model.deep: found the number 1, want true or false`},
		{"model: {kind: own-text, inside: 1}", `r.yaml:2: found unknown field "model.inside", want one of kind, hidden, cell`},
		{"model: {kind: own}", `r.yaml:2: model.kind: found "own", want one of `},
		{"model: {kind: own-text}\ntask: {kind: dance}", `r.yaml:3: task.kind: found "dance", want one of class, `},
		{"model: {kind: own-text}\ntask: {smoothing: 0.1}", `r.yaml:3: task.smoothing: found 0.1, want nothing: next reads no fields but kind`},
		{"model: {kind: lenet5}\ntask: {smoothing: 1}", `r.yaml:3: task.smoothing: found 1, want a number from 0 to below 1`},
		{"model: {kind: own-images, image: 32}", `r.yaml:2: model.image: found 32, want nothing: own-images reads no fields but kind`},
		{"model: {kind: own-images}\nbatch: {length: 5}", `r.yaml:3: batch.length: found 5, want nothing`},
	} {
		if _, err := Parse("r.yaml", []byte(images+c.text), nil); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

const images = "data: {train: \"generated:train?count=64\"}\n"

func TestImageDefaults(t *testing.T) {
	for _, c := range []struct {
		text string
		want any
	}{
		{"model: {kind: lenet5}", &zoo.Classifier{Classes: 10, Image: 28, Channels: 1}},
		{"model: {kind: resnet18}", &zoo.ResNet{Scaled: zoo.Scaled{Classifier: zoo.Classifier{Classes: 1000, Image: 224, Channels: 3}, Width: 1, Depth: 1}, Dilated: zoo.Dilated{OutputStride: 32}}},
		{"model: {kind: mobilenetv2, image: 96}", &zoo.MobileNetV2{Scaled: zoo.Scaled{Classifier: zoo.Classifier{Classes: 1000, Image: 96, Channels: 3}, Width: 1, Depth: 1}, Dropout: 0.2}},
		{"model: {kind: mobilenetv2, dropout: 0}", &zoo.MobileNetV2{Scaled: zoo.Scaled{Classifier: zoo.Classifier{Classes: 1000, Image: 224, Channels: 3}, Width: 1, Depth: 1}}},
	} {
		f, err := Parse("r.yaml", []byte(images+c.text), nil)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(f.Model.Fields, c.want) {
			t.Errorf("%s: %+v", c.text, f.Model.Fields)
		}
		if f.Sample() != "image" || f.Task.Kind != task.Class {
			t.Errorf("%s: %s of %s", c.text, f.Task.Kind, f.Sample())
		}
		again, err := Parse("r.yaml", []byte(f.YAML()), nil)
		if err != nil || !reflect.DeepEqual(f, again) {
			t.Errorf("%v\n%+v read back from\n%s", err, again, f.YAML())
		}
	}
}

// What is learnt decides bits where it is not what the model learns by itself.
func TestTaskBits(t *testing.T) {
	plain, err := Parse("r.yaml", []byte(images+"model: {kind: lenet5}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if again := plain.Task.New(); again == nil || plain.Bits()["task.kind"] != "" {
		t.Errorf("bits of the task: %v", plain.Bits())
	}
	smooth, err := Parse("r.yaml", []byte(images+"model: {kind: lenet5}\ntask: {smoothing: 0.1, class_weights: [1, 2.5]}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := Diff(plain.Bits(), smooth.Bits()); !slices.Equal(diff, []string{`task.class_weights: absent and "1, 2.5"`, "task.smoothing: absent and 0.1"}) {
		t.Errorf("differs in %v", diff)
	}
	again, err := FromBits("r", smooth.Bits())
	if err != nil || len(Diff(again.Bits(), smooth.Bits())) > 0 {
		t.Errorf("from bits: %v, %v", err, Diff(again.Bits(), smooth.Bits()))
	}
}

// Fields that a model does not read decide no bits and may not be given.
func TestFieldsOfKinds(t *testing.T) {
	f, err := Parse("r.yaml", []byte(images+"model: {kind: resnet18}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, path := range slices.Sorted(maps.Keys(f.Bits())) {
		if strings.HasPrefix(path, "model.") || path == "batch.length" {
			got = append(got, path)
		}
	}
	if want := []string{"model.channels", "model.classes", "model.image", "model.kind"}; !slices.Equal(got, want) {
		t.Errorf("bits are decided by %v, want %v", got, want)
	}
	if f.Bits()[Rounding] == "" || Default("x").Bits()[Rounding] != "" {
		t.Error("resnet18's sums are in another order since 0.3.0, those of charlm in that of its checkpoints")
	}
	for text, want := range map[string]string{"model: {kind: resnet18}\n": "0.3.0+bf16-0.9.0", "": "bf16-0.9.0"} {
		f := Default("x")
		if text != "" {
			if f, err = Parse("r.yaml", []byte(images+text), nil); err != nil {
				t.Fatal(err)
			}
		}
		f.Precision = "bf16"
		if got := f.Bits()[Rounding]; got != want {
			t.Errorf("rounding %q in bfloat16, want %q", got, want)
		}
	}
	if _, there := Default("x").Bits()["model.classes"]; there {
		t.Error("classes decide the bits of charlm")
	}
	other, err := Parse("r.yaml", []byte(images+"model: {kind: resnet18}\nconvolution: winograd"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := Diff(f.Bits(), other.Bits()); !slices.Equal(diff, []string{"convolution: absent and winograd"}) {
		t.Errorf("another method of convolving differs in %v", diff)
	}
	for _, c := range []struct{ text, want string }{
		{"model: {kind: resnet18, cell: lstm}", `r.yaml:2: model.cell: found "lstm", want nothing: resnet18 reads classes, image, channels`},
		{"model: {kind: lenet5, dropout: 0.5}", `r.yaml:2: model.dropout: found 0.5, want nothing: lenet5 reads classes,`},
		{"model: {kind: charlm, classes: 5}", `r.yaml:2: model.classes: found 5, want nothing: charlm reads cell,`},
		{"model: {kind: lenet5}\nbatch: {length: 5}", `r.yaml:3: batch.length: found 5, want nothing: what lenet5 reads has no time steps`},
		{"model: {kind: alexnet-caffe}\nbatch: {pipelines: 3}", `r.yaml:3: batch.pipelines: found 3, want 1 or 2, which are the pipelines of model.kind = alexnet-caffe`},
		{"model: {kind: alexnet-caffe}\nbatch: {global: 6, lanes: 3, pipelines: 2}", `r.yaml:3: batch.pipelines: found 2, want a divisor of batch.lanes = 3: so many lanes share their rows`},
		{"model: {kind: lenet5, image: 0}", `r.yaml:2: model.image: found 0, want a whole number from 1 to 1024`},
		{"model: {kind: charlm}\nconvolution: direct", `r.yaml:3: convolution: found "direct", want nothing: charlm has no convolutions`},
		{"model: {kind: resnet18}\nconvolution: fft", `r.yaml:3: convolution: found "fft", want one of direct, winograd`},
		{"model: {kind: resnet18}\nprecision: bf16\nconvolution: winograd", `r.yaml:4: convolution: found "winograd", want direct: with precision = bf16`},
	} {
		if _, err := Parse("r.yaml", []byte(images+c.text), nil); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	if _, err := Parse("r.yaml", []byte(images), []string{"model.kind=lenet5", "model.hidden=5"}); err == nil ||
		!strings.HasPrefix(err.Error(), "--set model.hidden=5: model.hidden: found 5, want nothing") {
		t.Errorf("a field from --set: %v", err)
	}
}
