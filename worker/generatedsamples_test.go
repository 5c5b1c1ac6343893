package worker

import (
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/generated"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// What a predictor reads of a generated set is what a run reads of it, to the bit.
func TestGeneratedSamples(t *testing.T) {
	f, err := runfile.Parse("x.yaml", nil, []string{"data.train=nowhere", "checkpoint.dir=nowhere", "model.kind=lenet5", "batch.global=4", "batch.lanes=1"})
	if err != nil {
		t.Fatal(err)
	}
	model, err := NewModel(f.Model)
	if err != nil {
		t.Fatal(err)
	}
	pool := tensor.NewPool(1)
	defer pool.Close()
	tape := nn.NewTape(model.Params(), pool, nn.Shape{Steps: 1, Lanes: 1, Rows: 2}, nn.Inference, 0)
	batch := tape.NewBatch(nil)
	model.Forward(tape, batch)
	p := &Predictor{File: f, model: model, pool: pool, parts: batch.Parts()}
	const name = "generated:some?count=5&noise=0.25"
	set, err := p.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	feeder, err := p.Feeder(set, 2)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := generated.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	made := generated.New(spec, 10, 28, 28, 1)
	want := make([]float32, 28*28)
	read := 0
	for b := 0; ; b++ {
		n, err := feeder.Fill(b, batch)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
		for row := range n {
			class := made.Read(read, want)
			if !slices.Equal(batch.Parts()[0].Holds.(*nn.Images).Image(row), want) {
				t.Errorf("image %d is another", read)
			}
			s, err := set.At(read)
			if at := set.Schema().Part("class"); err != nil || int(s[at].Int32s()[0]) != class {
				t.Errorf("image %d is not of class %d, error %v", read, class, err)
			}
			read++
		}
	}
	if read != 5 {
		t.Errorf("%d images are read", read)
	}
}

// The held-out set of a run that generates it is drawn in shades, each image with its class; what is not there says so.
func TestOpenHeldOut(t *testing.T) {
	of := func(valid string) *runfile.File {
		f, err := runfile.Parse("x.yaml", nil, []string{"data.train=nowhere", "checkpoint.dir=nowhere", "model.kind=lenet5", "batch.global=4", "batch.lanes=1", "data.valid=" + valid})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	set, err := OpenHeldOut(of("generated:some?count=5&noise=0"))
	if err != nil {
		t.Fatal(err)
	}
	spec, err := generated.Parse("generated:some?count=5&noise=0")
	if err != nil {
		t.Fatal(err)
	}
	pixels := make([]float32, 28*28)
	class := generated.New(spec, 10, 28, 28, 1).Read(3, pixels)
	s, err := set.At(3)
	if err != nil || int(s[1].Int32s()[0]) != class || len(s[0].Data) != 28*28 {
		t.Fatalf("%v, %v", s, err)
	}
	for i, b := range s[0].Data {
		if v := float32(b)/127.5 - 1; v > pixels[i] || v < pixels[i]-0.01 {
			t.Fatalf("pixel %d is %v, drawn as %d", i, pixels[i], b)
		}
	}
	if _, err := set.At(5); err == nil {
		t.Error("there is an image behind the last")
	}
	for _, valid := range []string{"", "generated:x", t.TempDir()} {
		if _, err := OpenHeldOut(of(valid)); err == nil {
			t.Errorf("%q is open", valid)
		}
	}
}
