package runfile

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

const example = `name: go-source
seed: 1
model:
  kind: charlm          # any name registered
  cell: lstm
  hidden: 256
  layers: 1
  embed: 64
data:
  train: shards/train   # a directory
  valid: shards/valid
batch:
  global: 64
  lanes: 8
  length: 64
optimizer:
  kind: adam
  lr: 2e-3
  clip: 1
schedule:
  kind: linear
  warmup: 50
steps: 1000
eval:
  every: 200
checkpoint:
  dir: runs/go-source
  every: 200
  keep: 3
sync_batchnorm: false
`

func TestExample(t *testing.T) {
	f, err := Parse("runs/go-source.yaml", []byte(example), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := &File{
		Name:       "go-source",
		Seed:       1,
		Model:      Model{Kind: "charlm", Fields: &zoo.CharLM{Cell: "lstm", Hidden: 256, Layers: 1, Embed: 64, Vocab: 256}, FinalBias: "drawn"},
		Task:       Task{Kind: task.Next, Fields: f.Task.Fields},
		Data:       Data{Train: "shards/train", Valid: "shards/valid", Share: 1},
		Batch:      Batch{Global: 64, Lanes: 8, Pipelines: 1, Length: 64},
		Optimizer:  Optimizer{Kind: "adam", LR: 0.002, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, DecayNorms: true, Clip: 1},
		Schedule:   Schedule{Kind: "linear", Warmup: 50},
		Ring:       Ring{Wire: "float32"},
		Steps:      1000,
		Eval:       Eval{Every: 200, Length: 200, Temperatures: []float64{0.7}},
		Watch:      Watch{Every: 100},
		Checkpoint: Checkpoint{Dir: "runs/go-source", Every: 200, Keep: 3},
		Precision:  "float32",

		Convolution: "direct",
	}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("got  %+v\nwant %+v", f, want)
	}
	if f.Batch.LaneRows() != 8 {
		t.Errorf("LaneRows = %d, want 8", f.Batch.LaneRows())
	}
}

func charlm(f *File) *zoo.CharLM { return f.Model.Fields.(*zoo.CharLM) }

func TestDefaults(t *testing.T) {
	const head = "data: {train: t}\n"
	cases := []struct {
		name, text string
		ok         func(*File) bool
	}{
		{"run name from the file's", head, func(f *File) bool { return f.Name == "my-run" && f.Checkpoint.Dir == "runs/my-run" }},
		{"mlstm has weight norm", head + "model: {cell: mlstm}\n", func(f *File) bool { return charlm(f).WeightNorm }},
		{"mlstm without", head + "model: {cell: mlstm, weight_norm: false}\n", func(f *File) bool { return !charlm(f).WeightNorm }},
		{"lstm has none", head, func(f *File) bool { return !charlm(f).WeightNorm }},
		{"sgd", head + "optimizer: {kind: sgd}\n", func(f *File) bool { return f.Optimizer.LR == 0.1 && f.Optimizer.Momentum == 0.9 }},
		{"sgd of one's own", head + "optimizer: {kind: sgd, lr: 1, momentum: 0}\n", func(f *File) bool { return f.Optimizer.LR == 1 && f.Optimizer.Momentum == 0 }},
		{"empty section", head + "model:\n  # hidden: 5\nsteps: 7\n", func(f *File) bool { return charlm(f).Hidden == 256 && f.Steps == 7 }},
		{"quoted text", "data: {train: \"a b\"}\n", func(f *File) bool { return f.Data.Train == "a b" }},
		{"a colon in a path", "data: {train: \"./s3:/a\", valid: \"C:/b\"}\n", func(f *File) bool { return f.Data.Train == "./s3:/a" && f.Data.Valid == "C:/b" }},
		{"byte-order mark", "\ufeffname: marked\n" + head, func(f *File) bool { return f.Name == "marked" }},
		{"windows line ends", "data:\r\n  train: t\r\nsteps: 9\r\n", func(f *File) bool { return f.Steps == 9 && f.Data.Train == "t" }},
	}
	for _, c := range cases {
		f, err := Parse("dir/my run.yaml", []byte(c.text), nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if !c.ok(f) {
			t.Errorf("%s: got %+v", c.name, f)
		}
	}
}

func TestSets(t *testing.T) {
	f, err := Parse("r.yaml", []byte(example), []string{"batch.lanes=4", "model.cell=mlstm", "name=123", "checkpoint.dir=a=b", "batch.lanes=2"})
	if err != nil {
		t.Fatal(err)
	}
	if f.Batch.Lanes != 2 || f.Name != "123" || f.Checkpoint.Dir != "a=b" || !charlm(f).WeightNorm {
		t.Errorf("got %+v", f)
	}
}

// TestYAML checks that what --print-config prints means the same file, with nothing left to defaults.
func TestYAML(t *testing.T) {
	for _, sets := range [][]string{
		nil,
		{"model.cell=mlstm", "optimizer.kind=sgd", "optimizer.lr=1e-30", "seed=18446744073709551615"},
		{"name=true", "data.train=#not a comment: \"q\" \\ 'x'", "data.valid=", "checkpoint.dir=5e3"},
		{"data.train=ünï/\u200bcode", "data.valid= - x ", "checkpoint.dir=&a *b"},
	} {
		f, err := Parse("r.yaml", []byte(example), sets)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse("other.yaml", []byte(f.YAML()), nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, f.YAML())
		}
		if !reflect.DeepEqual(f, again) {
			t.Errorf("read back as %+v\nfrom\n%s", again, f.YAML())
		}
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tiny.yaml")
	if err := os.WriteFile(path, []byte("data: {train: t}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Load(path, []string{"steps=3"})
	if err != nil {
		t.Fatal(err)
	}
	if f.Name != "tiny" || f.Steps != 3 {
		t.Errorf("got %+v", f)
	}
	if _, err := Load(path+".not", nil); err == nil || !strings.Contains(err.Error(), "tiny.yaml.not") {
		t.Errorf("error does not name the file: %v", err)
	}
}

// A directory may be given as file:///PATH.
func TestLocalPath(t *testing.T) {
	f, err := Parse("r.yaml", []byte("data: {train: 'file:///data/a%20b/train', valid: /data/valid}\n"), []string{"checkpoint.dir=file:///runs/a"})
	if err != nil {
		t.Fatal(err)
	}
	if got := []string{f.Data.Train, f.Data.Valid, f.Checkpoint.Dir}; !slices.Equal(got, []string{"/data/a b/train", "/data/valid", "/runs/a"}) {
		t.Errorf("paths %q", got)
	}
	for _, other := range []string{"file://host/x", "file:///a%zz", "file:///a%0ab"} {
		if _, err := Parse("r.yaml", []byte("data: {train: '"+other+"'}\n"), nil); err == nil || !strings.Contains(err.Error(), "data.train: found") {
			t.Errorf("%s: %v", other, err)
		}
	}
}

// A list that two --set give is refused, since each might be meant as a part of it; of other fields the last counts.
func TestCheckLists(t *testing.T) {
	images := `{model: {kind: lenet5}, data: {train: "generated:train?count=9"}}`
	for _, c := range []struct {
		file string
		sets []string
		want string
	}{
		{example, []string{"batch.lanes=4", "batch.lanes=2", "eval.prompts=a"}, ""},
		{example, []string{"eval.temperatures=0.5", "eval.temperatures=0.5"}, ""},
		{example, []string{"eval.temperatures=0.5", "seed=3", "eval.temperatures=[0.7, 1]"}, `--set eval.temperatures=[0.7, 1]: eval.temperatures: found a second --set of a list, behind "0.5", want the whole list in one --set`},
		{example, []string{"eval.prompts=a", "eval.prompts=b"}, `eval.prompts: found a second --set of a list, behind "a"`},
		{images, []string{"data.augment=flip", "data.augment=crop 32 pad=4"}, `data.augment: found a second --set of a list, behind "flip"`},
		{images, []string{"model.freeze=conv1.", "model.freeze=conv2."}, "model.freeze: found a second"},
	} {
		f, err := Parse("r.yaml", []byte(c.file), c.sets)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.CheckLists(c.sets); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.sets, err, c.want)
		}
	}
}
