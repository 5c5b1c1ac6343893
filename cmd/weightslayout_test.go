package cmd

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// counting is 0, 1, 2, … in a shape.
func counting(name string, shape ...int) safetensors.Tensor {
	n := 1
	for _, s := range shape {
		n *= s
	}
	data := make([]float32, n)
	for i := range data {
		data[i] = float32(i)
	}
	return safetensors.Tensor{Name: name, Shape: shape, Data: data}
}

// TestWeightsLayout converts weights of TensorFlow's layout, and finds each where the formulas of
// both say that it is used.
func TestWeightsLayout(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.safetensors"), filepath.Join(dir, "out.safetensors")
	f, err := os.Create(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := safetensors.WriteSource(f, safetensors.List{
		counting("conv.kernel", 2, 3, 4, 5), counting("depthwise.kernel", 2, 3, 4, 2), counting("line.kernel", 3, 4, 5),
		counting("head.kernel", 3, 4), counting("head.bias", 4), counting("embed.table", 3, 2),
		{Name: "count", Shape: []int{1, 2}, Data: []int64{7, 8}},
	}, nil); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if status, printed := weightsCommand(t, "convert", in, out, "--layout", "tensorflow", "--drop-first", "head.", "--rename", "line.=conv1d."); status != 0 {
		t.Fatal(printed)
	}
	o, err := safetensors.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	tensor := func(name string, shape ...int) func(int) float64 {
		got, err := o.Read(name)
		if err != nil || !slices.Equal(got.Shape, shape) {
			t.Fatalf("%s: %v, %v, want %v", name, got.Shape, err, shape)
		}
		return got.At
	}
	conv, depthwise := tensor("conv.kernel", 5, 4, 2, 3), tensor("depthwise.kernel", 8, 1, 2, 3)
	for y := range 2 {
		for x := range 3 {
			for i := range 4 {
				for o := range 5 {
					if got, want := conv(((o*4+i)*2+y)*3+x), float64(((y*3+x)*4+i)*5+o); got != want {
						t.Errorf("conv [%d %d %d %d] is %v, want %v", o, i, y, x, got, want)
					}
				}
				for m := range 2 {
					if got, want := depthwise(((i*2+m)*2+y)*3+x), float64(((y*3+x)*4+i)*2+m); got != want {
						t.Errorf("depthwise [%d %d %d] is %v, want %v", i*2+m, y, x, got, want)
					}
				}
			}
		}
	}
	line, head, bias := tensor("conv1d.kernel", 5, 4, 3), tensor("head.kernel", 3, 3), tensor("head.bias", 3)
	for x := range 3 {
		if got, want := line((2*4+1)*3+x), float64((x*4+1)*5+2); got != want {
			t.Errorf("line [2 1 %d] is %v, want %v", x, got, want)
		}
		for o := range 3 { // class 0 is left out
			if got, want := head(o*3+x), float64(x*4+o+1); got != want || bias(o) != float64(o+1) {
				t.Errorf("head [%d %d] is %v, want %v; its bias %v", o, x, got, want, bias(o))
			}
		}
	}
	if table := tensor("embed.table", 3, 2); table(1) != 1 {
		t.Error("the table is turned")
	}
	if tensor("count", 1, 2)(1) != 8 {
		t.Error("whole numbers are turned")
	}
	for _, c := range []struct {
		words []string
		want  string
	}{
		{[]string{"--layout", "keras"}, "--layout keras: pytorch or tensorflow"},
		{[]string{"--drop-first", "top."}, "no tensor of"},
		{[]string{"--drop-first", "count"}, "--drop-first: tensor count of shape [1 2] has no second row to keep"},
	} {
		status, printed := weightsCommand(t, append([]string{"convert", in, out}, c.words...)...)
		if wantText(t, printed, c.want); status == 0 {
			t.Errorf("%v: no error", c.words)
		}
	}
}
