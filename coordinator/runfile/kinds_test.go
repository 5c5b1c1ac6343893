package runfile

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/zoo"
)

// Kinds that are registered from outside.
func init() {
	none := func(zoo.Config) (zoo.Model, error) { return nil, errors.New("not built here") }
	zoo.Register("own-text", zoo.Info{Reads: zoo.Text, Fields: []zoo.Field{{Name: "hidden"}, {Name: "cell"}, {Name: "weight_norm"}, {Name: "dropout"}},
		Defaults: zoo.Config{Cell: "mlstm", Hidden: 20, Dropout: 0.1}, Rounding: "7.0.0"}, none)
	zoo.Register("own-images", zoo.Info{Reads: zoo.Images, Defaults: zoo.Config{Image: 28}}, none)
}

// A kind from outside has all that the zoo's own have: defaults, checks, what is printed and what decides bits.
func TestOwnKinds(t *testing.T) {
	f, err := Parse("r.yaml", []byte("data: {train: t}\nmodel: {kind: own-text}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if m := f.Model; m.Cell != "mlstm" || !*m.WeightNorm || m.Hidden != 20 || m.Dropout != 0.1 || m.Vocab != 256 || m.Text() != "own-text mlstm" || m.ReadsImages() {
		t.Errorf("%+v", m)
	}
	bits := f.Bits()
	if bits[Rounding] != "7.0.0" || bits["model.hidden"] != "20" || bits["model.dropout"] != "0.1" || bits["batch.length"] != "64" {
		t.Errorf("bits are decided by %v", bits)
	}
	for _, none := range []string{"model.layers", "model.embed", "model.image", "convolution"} {
		if _, there := bits[none]; there || lookup(none).misplaced(f) == "" {
			t.Errorf("%s decides bits", none)
		}
	}
	again, err := Parse("r.yaml", []byte(f.YAML()), nil)
	if err != nil || !reflect.DeepEqual(f, again) {
		t.Errorf("%v\n%+v read back from\n%s", err, again, f.YAML())
	}
	f, err = Parse("r.yaml", []byte(images+"model: {kind: own-images}\nconvolution: winograd"), nil)
	if err != nil || f.Model.Image != 28 || f.Model.Classes != 1000 || f.Model.Channels != 3 || f.Model.Text() != "own-images" || f.RowLength() != 1 {
		t.Errorf("%+v, %v", f, err)
	}
	for _, c := range []struct{ text, want string }{
		{"model: {kind: own-text, layers: 2}", `r.yaml:2: model.layers: found 2, want nothing: own-text reads hidden, cell, weight_norm, dropout`},
		{"model: {kind: own-text}\nconvolution: direct", `r.yaml:3: convolution: found "direct", want nothing: own-text has no convolutions`},
		{"model: {kind: own-images, image: 32}", `r.yaml:2: model.image: found 32, want nothing: own-images reads no fields but kind`},
		{"model: {kind: own-images}\nbatch: {length: 5}", `r.yaml:3: batch.length: found 5, want nothing`},
		{"model: {kind: own-images}\nsync_batchnorm: true", `r.yaml:3: sync_batchnorm: found true, want false`},
	} {
		if _, err := Parse("r.yaml", []byte(images+c.text), nil); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

// Every field of a model that a kind may name is one of the run file, and the other way round.
func TestFieldNames(t *testing.T) {
	names := append([]string{"kind"}, zoo.FieldNames...)
	slices.Sort(names)
	if own := slices.Sorted(slices.Values(children("model."))); !slices.Equal(own, names) {
		t.Errorf("the run file has %v, the zoo %v", own, names)
	}
}

const images = "data: {train: \"generated:train?count=64\"}\n"

func TestImageDefaults(t *testing.T) {
	for _, c := range []struct {
		text string
		want Model
	}{
		{"model: {kind: lenet5}", Model{Classes: 10, Image: 28, Channels: 1}},
		{"model: {kind: resnet18}", Model{Classes: 1000, Image: 224, Channels: 3}},
		{"model: {kind: mobilenetv2, image: 96}", Model{Classes: 1000, Image: 96, Channels: 3, Dropout: 0.2}},
		{"model: {kind: mobilenetv2, dropout: 0}", Model{Classes: 1000, Image: 224, Channels: 3}},
	} {
		f, err := Parse("r.yaml", []byte(images+c.text), nil)
		if err != nil {
			t.Fatal(err)
		}
		m := f.Model
		if m.Classes != c.want.Classes || m.Image != c.want.Image || m.Channels != c.want.Channels || m.Dropout != c.want.Dropout {
			t.Errorf("%s: %+v", c.text, m)
		}
		if !m.ReadsImages() || m.Sample() != "image" {
			t.Errorf("%s: reads no images", c.text)
		}
		again, err := Parse("r.yaml", []byte(f.YAML()), nil)
		if err != nil || !reflect.DeepEqual(f, again) {
			t.Errorf("%v\n%+v read back from\n%s", err, again, f.YAML())
		}
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
		{"model: {kind: lenet5}\nbatch: {length: 5}", `r.yaml:3: batch.length: found 5, want nothing: the images of lenet5 have no time steps`},
		{"model: {kind: lenet5, image: 0}", `r.yaml:2: model.image: found 0, want a whole number from 1 to 1024`},
		{"model: {kind: charlm}\nconvolution: direct", `r.yaml:3: convolution: found "direct", want nothing: charlm has no convolutions`},
		{"model: {kind: resnet18}\nconvolution: fft", `r.yaml:3: convolution: found "fft", want one of direct, winograd`},
		{"model: {kind: resnet18}\nprecision: bf16\nconvolution: winograd", `r.yaml:4: convolution: found "winograd", want direct: with precision = bf16`},
		{"model: {kind: resnet18}\nsync_batchnorm: true", `r.yaml:3: sync_batchnorm: found true, want false: batch norms take`},
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
