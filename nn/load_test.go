package nn

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// resnet18 has the names and shapes of torchvision's resnet18, with a given number of channels
// in place of its 64.
func resnet18(channels, classes int) *Params {
	ps := NewParams()
	conv := func(name string, out, in, k int) { ps.Add(name+".weight", UniformInit(1), out, in, k, k) }
	conv("conv1", channels, 3, 7)
	NewBatchNorm(ps, "bn1", channels, BatchNormOptions{})
	in := channels
	for i := range 4 {
		out := channels << i
		for b := range 2 {
			block := fmt.Sprintf("layer%d.%d.", i+1, b)
			conv(block+"conv1", out, in, 3)
			NewBatchNorm(ps, block+"bn1", out, BatchNormOptions{})
			conv(block+"conv2", out, out, 3)
			NewBatchNorm(ps, block+"bn2", out, BatchNormOptions{})
			if in != out {
				conv(block+"downsample.0", out, in, 1)
				NewBatchNorm(ps, block+"downsample.1", out, BatchNormOptions{})
			}
			in = out
		}
	}
	ps.Add("fc.weight", UniformInit(1), classes, in)
	ps.Add("fc.bias", UniformInit(1), classes)
	ps.Allocate()
	return ps
}

// saved is the weights as a file has them, with every name changed, and without those whose
// name becomes "".
func saved(ps *Params, name func(string) string) safetensors.List {
	var list safetensors.List
	for _, t := range ps.Tensors() {
		if t.Name = name(t.Name); t.Name != "" {
			list = append(list, t)
		}
	}
	return list
}

func trained() *Params {
	ps := resnet18(2, 10)
	ps.Initialize(1)
	for i := range ps.Running {
		ps.Running[i] = float32(i)
	}
	for _, c := range ps.Counters {
		c.Value[0] = 7
	}
	return ps
}

func TestLoadResNet18(t *testing.T) {
	from := trained()
	if n := len(from.Tensors()); n != 122 {
		t.Fatalf("%d names, torchvision's has 122", n)
	}
	uncounted := func(name string) string {
		if strings.HasSuffix(name, "num_batches_tracked") {
			return ""
		}
		return name
	}
	for title, c := range map[string]struct {
		name      func(string) string
		prefix    string
		uncounted int
	}{
		"plain":            {func(name string) string { return name }, "", 0},
		"parallel":         {func(name string) string { return "module." + name }, "module.", 0},
		"compiled":         {func(name string) string { return "_orig_mod.module." + name }, "_orig_mod.module.", 0},
		"of a module":      {func(name string) string { return "model." + name }, "model.", 0},
		"without counters": {uncounted, "", 20},
	} {
		to := resnet18(2, 10)
		to.Initialize(2)
		to.Counters[0].Value[0] = 3
		report, err := to.Load(saved(from, c.name), LoadOptions{})
		if err != nil {
			t.Errorf("%s: %v", title, err)
			continue
		}
		if report.Prefix != c.prefix || len(report.Uncounted) != c.uncounted || report.Loaded != 122-c.uncounted {
			t.Errorf("%s: %+v", title, report)
		}
		if err := sameBits(to.Values, from.Values); err != nil {
			t.Errorf("%s: %v", title, err)
		}
		if err := sameBits(to.Running, from.Running); err != nil {
			t.Errorf("%s: %v", title, err)
		}
		want := int64(7)
		if c.uncounted > 0 {
			want = 0
		}
		if got := to.Counters[0].Value[0]; got != want {
			t.Errorf("%s: the counter is %d, want %d", title, got, want)
		}
	}
}

// TestLoadAveraged loads an average as PyTorch's AveragedModel saves it, with the count of what it is of outside of the
// prefix; a tensor of a training script's own there is the one that does not fit.
func TestLoadAveraged(t *testing.T) {
	from, to := trained(), resnet18(2, 10)
	source := saved(from, func(name string) string { return "module." + name })
	source = append(source, safetensors.Tensor{Name: "n_averaged", Shape: []int{}, Data: []int64{5}})
	report, err := to.Load(source, LoadOptions{})
	if err != nil || report.Prefix != "module." || report.Loaded != 122 {
		t.Fatalf("%v, %+v", err, report)
	}
	if err := sameBits(to.Values, from.Values); err != nil {
		t.Error(err)
	}
	source = append(source, safetensors.Tensor{Name: "loss.weight", Shape: []int{2}, Data: []float32{1, 2}})
	report, err = to.Load(source, LoadOptions{})
	if err == nil || len(report.Misfits()) != 1 || report.Misfits()[0].String() != "loss.weight: F32[2] in the file, not in the model" {
		t.Errorf("%v, %+v", err, report)
	}
}

// TestLoadElsewhere names the prefix that all of the file's names have, where it is none that is taken off by itself.
func TestLoadElsewhere(t *testing.T) {
	source := saved(trained(), func(name string) string { return "net." + name })
	_, err := resnet18(2, 10).Load(source, LoadOptions{})
	if want := `; most of them are in the file under "net.": weights convert IN OUT --strip net. takes it off`; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("%v", err)
	}
	if _, err := resnet18(20, 10).Load(source, LoadOptions{}); err == nil || strings.Contains(err.Error(), "--strip") {
		t.Errorf("of other shapes: %v", err)
	}
}

// TestLoadOtherClasses gives a network for 10 classes the weights of one for 1,000.
func TestLoadOtherClasses(t *testing.T) {
	from, to := resnet18(2, 1000), resnet18(2, 10)
	from.Initialize(1)
	to.Initialize(2)
	was := slices.Clone(to.Values)
	source := saved(from, func(name string) string { return "module." + name })
	report, err := to.Load(source, LoadOptions{})
	want := "nn: 2 tensors of the weights do not fit: fc.weight: F32[1000 16] in the file, F32[10 16] in the model; " +
		"fc.bias: F32[1000] in the file, F32[10] in the model"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if len(report.Mismatched) != 2 || len(report.Missing)+len(report.Unexpected) > 0 {
		t.Errorf("%+v", report)
	}
	if err := sameBits(to.Values, was); err != nil {
		t.Errorf("changed in spite of the error: %v", err)
	}
	report, err = to.Load(source, LoadOptions{Skip: Names{"fc."}})
	if err != nil || !slices.Equal(report.Skipped, []string{"fc.weight", "fc.bias"}) {
		t.Fatalf("%v, %+v", err, report)
	}
	head := to.Get("fc.weight").Offset
	if err := sameBits(to.Values[:head], from.Values[:head]); err != nil {
		t.Error(err)
	}
	if err := sameBits(to.Values[head:], was[head:]); err != nil {
		t.Errorf("the head: %v", err)
	}
}

func TestLoadMisfits(t *testing.T) {
	set := func(name string, data any, shape ...int) func(safetensors.List) safetensors.List {
		return func(l safetensors.List) safetensors.List {
			l = slices.DeleteFunc(l, func(t safetensors.Tensor) bool { return t.Name == name })
			return append(l, safetensors.Tensor{Name: name, Shape: shape, Data: data})
		}
	}
	for _, c := range []struct {
		name   string
		change func(safetensors.List) safetensors.List
		want   string
	}{
		{"missing", func(l safetensors.List) safetensors.List { return l[:1] }, "1 tensor of the weights does not fit: a.bias: F32[3] in the model, not in the file"},
		{"shape", set("a.weight", make([]float32, 6), 3, 2), "a.weight: F32[3 2] in the file, F32[2 3] in the model"},
		{"type", set("a.bias", make([]int64, 3), 3), "a.bias: I64[3] in the file, F32[3] in the model"},
		{"length", set("a.bias", make([]float32, 2), 3), `tensor "a.bias": shape [3] does not fit its 2 elements`},
		{"more", set("b", make([]float32, 2), 2), "b: F32[2] in the file, not in the model"},
		{"nothing", func(safetensors.List) safetensors.List { return nil }, "2 tensors of the weights do not fit"},
		{"many", func(l safetensors.List) safetensors.List {
			for i := range 9 {
				l = set(fmt.Sprint("x", i), make([]float32, 1), 1)(l)
			}
			return l
		}, "x7: F32[1] in the file, not in the model; and 1 more"},
	} {
		ps := NewParams()
		ps.Add("a.weight", UniformInit(1), 2, 3)
		ps.Add("a.bias", UniformInit(1), 3)
		ps.Allocate()
		ps.Initialize(1)
		_, err := ps.Load(c.change(saved(ps, strings.Clone)), LoadOptions{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
}

func TestLoadConverts(t *testing.T) {
	ps := NewParams()
	ps.Add("a", ConstantInit(0), 2)
	ps.Add("b", ConstantInit(0), 1)
	ps.Add("c", ConstantInit(0), 1)
	ps.Allocate()
	report, err := ps.Load(safetensors.List{
		{Name: "a", Shape: []int{2}, Data: []safetensors.Float16{0x3c00, 0xc000}},
		{Name: "b", Shape: []int{1}, Data: []safetensors.BFloat16{0x4049}},
		{Name: "c", Shape: []int{1}, Data: []float64{0.1}},
	}, LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []float32{1, -2, 3.140625, 0.1}; !slices.Equal(ps.Values[:4], want) {
		t.Errorf("got %v, want %v", ps.Values[:4], want)
	}
	if want := []string{"a (F16)", "b (BF16)", "c (F64)"}; !slices.Equal(report.Converted, want) {
		t.Errorf("converted %v", report.Converted)
	}
}

// TestLoadOldDenseNet reads a file whose names are those of 2017.
func TestLoadOldDenseNet(t *testing.T) {
	dense := func() *Params {
		ps := NewParams()
		NewBatchNorm(ps, "features.denseblock1.denselayer1.norm1", 2, BatchNormOptions{})
		ps.Add("features.denseblock1.denselayer1.conv1.weight", UniformInit(1), 2, 2, 1, 1)
		NewBatchNorm(ps, "features.norm5", 2, BatchNormOptions{})
		ps.Allocate()
		return ps
	}
	from, to := dense(), dense()
	from.Initialize(1)
	old := saved(from, func(name string) string {
		if strings.HasSuffix(name, "num_batches_tracked") {
			return ""
		}
		return strings.NewReplacer("norm1", "norm.1", "conv1", "conv.1").Replace(name)
	})
	if _, err := to.Load(old, LoadOptions{}); err == nil {
		t.Error("the old names are known without their translation")
	}
	if _, err := to.Load(old, LoadOptions{Rename: OldDenseNetName}); err != nil {
		t.Error(err)
	}
	if err := sameBits(to.Values, from.Values); err != nil {
		t.Error(err)
	}
	twice := append(old, safetensors.Tensor{Name: "features.denseblock1.denselayer1.norm1.weight", Shape: []int{2}, Data: make([]float32, 2)})
	if _, err := to.Load(twice, LoadOptions{Rename: OldDenseNetName}); err == nil || !strings.Contains(err.Error(), "both the model's features.denseblock1.denselayer1.norm1.weight") {
		t.Errorf("two tensors for one weight: %v", err)
	}
}

// TestLoadFileOfPyTorch reads what torch.save wrote of a Sequential(Conv2d(1, 2, 3), BatchNorm2d(2)).
func TestLoadFileOfPyTorch(t *testing.T) {
	for _, name := range []string{"plain.pth", "checkpoint.pth", "checkpoint-legacy.pth"} {
		ps := NewParams()
		ps.Add("0.weight", ConstantInit(0), 2, 1, 3, 3)
		ps.Add("0.bias", ConstantInit(0), 2)
		NewBatchNorm(ps, "1", 2, BatchNormOptions{})
		ps.Allocate()
		if err := ps.LoadFile("torchfile/testdata/" + name); err != nil {
			t.Error(err)
		}
		if ps.Counters[0].Value[0] != 1 || ps.Running[2] == 0 || ps.Get("0.weight").Value().Data[0] == 0 {
			t.Errorf("%s: %v, %v", name, ps.Values, ps.Running)
		}
	}
}

func TestNames(t *testing.T) {
	names, err := ParseNames(" layer1., bn ,*.bias")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"layer1.0.conv1.weight": true, "layer10.weight": false, "bn1.weight": true, "bn": true, "layer2.0.bn1.weight": false,
		"layer2.0.conv1.bias": true, "bias": false, "fc.weight": false,
	} {
		if names.Match(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
	for text, want := range map[string]string{"a,,b": "empty pattern", ",": "empty pattern", "a[": "bracket"} {
		if _, err := ParseNames(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if names, err := ParseNames(" "); err != nil || names.Match("") {
		t.Errorf("nothing: %v, %v", names, err)
	}
	if got := (Names{"fc", "head", "*.bias"}).Unused(resnet18(1, 2)); !slices.Equal(got, []string{"head"}) {
		t.Errorf("unused %v", got)
	}
}

func TestFactors(t *testing.T) {
	factors, err := ParseFactors("fc.=10, layer4.=0.1,*.bias = 2")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"fc.bias": 10, "layer4.0.bias": 0.1, "conv1.bias": 2, "conv1.weight": 1} {
		if got := factors.Of(name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	for _, text := range []string{"fc", "fc=", "fc=0", "fc=-1", "fc=NaN", "fc=Inf", "=1", "fc=1,", "fc=1,,b=2", "a[=1"} {
		if _, err := ParseFactors(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

// TestFitsWithoutMemory asks of parameters that were only described.
func TestFitsWithoutMemory(t *testing.T) {
	ps := NewParams()
	ps.Add("w", ConstantInit(0), 2, 3)
	NewBatchNorm(ps, "n", 2, BatchNormOptions{})
	report, err := ps.Fits(safetensors.List{{Name: "w", Shape: []int{3, 2}, Data: make([]float32, 6)}}, LoadOptions{Skip: Names{"n."}})
	if err == nil || len(report.Mismatched) != 1 || len(report.Skipped) != 5 {
		t.Errorf("%v, %+v", err, report)
	}
}

// TestHintOf tells shapes of TensorFlow's ports from those of others.
func TestHintOf(t *testing.T) {
	for _, c := range []struct {
		file, own []int
		want      string
	}{
		{[]int{3, 3, 8, 16}, []int{16, 8, 3, 3}, "--layout tensorflow"},
		{[]int{3, 3, 8, 1}, []int{8, 1, 3, 3}, "--layout tensorflow"},
		{[]int{3, 3, 8, 2}, []int{16, 1, 3, 3}, "--layout tensorflow"},
		{[]int{5, 5, 1, 6}, []int{6, 1, 5, 5}, "--layout tensorflow"}, // of one channel
		{[]int{5, 8, 16}, []int{16, 8, 5}, "--layout tensorflow"},
		{[]int{512, 10}, []int{10, 512}, "--layout tensorflow"},
		{[]int{1001, 512}, []int{1000, 512}, "--drop-first"},
		{[]int{1001}, []int{1000}, "--drop-first"},
		{[]int{3, 3}, []int{3, 3}, ""}, // of another type
		{[]int{10, 512}, []int{1000, 512}, ""},
		{[]int{1001, 512}, []int{1000, 256}, ""},
		{nil, []int{1}, ""},
	} {
		if got := hintOf(c.file, c.own); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%v for %v: %q, want %q", c.file, c.own, got, c.want)
		}
	}
}

// Of factors the first that picks a weight counts, so that one behind it may count for nothing.
func TestFactorsShadowed(t *testing.T) {
	factors, err := ParseFactors("layer1.=2, layer=0.1, layer4.=1, fc.bias=3, fc.=4, nothing=1")
	if err != nil {
		t.Fatal(err)
	}
	if got := factors.Shadowed(resnet18(1, 2)); !slices.Equal(got, []string{"layer4."}) {
		t.Errorf("%q", got)
	}
}

// A pattern to skip that picks neither a weight nor a tensor of the file is a spelling mistake; one of a tensor that the model lacks is none.
func TestSkipsThatPickNothing(t *testing.T) {
	ps := resnet18(1, 2)
	file := append(safetensors.List(ps.Tensors()), safetensors.Tensor{Name: "aux.weight", Shape: []int{1}, Data: []float32{1}})
	report, err := ps.Load(file, LoadOptions{Skip: Names{"fc.", "aux", "head", "layer9.*"}})
	if err != nil || !slices.Equal(report.Idle, []string{"head", "layer9.*"}) {
		t.Errorf("%q, %v", report.Idle, err)
	}
}

// TestCheckFinite: the first tensor with a value that is not finite is named, among parameters and statistics.
func TestCheckFinite(t *testing.T) {
	for want, change := range map[string]func(*Params){
		"": func(*Params) {},
		"nn: fc.bias holds a value that is not a number": func(ps *Params) {
			ps.Values[ps.Size()-1], ps.Values[ps.Size()-2] = float32(math.NaN()), float32(math.Inf(1))
		},
		"nn: conv1.weight holds an infinite value":     func(ps *Params) { ps.Values[3] = float32(math.Inf(-1)) },
		"nn: bn1.running_mean holds an infinite value": func(ps *Params) { ps.Running[0] = float32(math.Inf(1)) },
	} {
		ps := trained()
		change(ps)
		got := ""
		if err := ps.CheckFinite(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A name of millions of dots costs no more than its length, where prefixes are sought, too.
func TestLoadLongNames(t *testing.T) {
	ps := resnet18(2, 10)
	for _, part := range []string{".", "model.", "module."} {
		data := safetensors.List{{Name: strings.Repeat(part, 3_000_000/len(part)), Shape: []int{1}, Data: []float32{1}}}
		began := time.Now()
		if _, err := ps.Load(data, LoadOptions{}); err == nil {
			t.Errorf("weights under a name of many times %q load", part)
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("a name of many times %q takes %v", part, took)
		}
	}
}
