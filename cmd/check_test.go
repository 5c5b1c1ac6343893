package cmd

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// leaky is a model from outside whose first image is in everybody's logits.
type leaky struct {
	zoo.Classifier
	params *nn.Params
	fc     *nn.Linear
}

func (m *leaky) Params() *nn.Params { return m.params }

func (m *leaky) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	x := m.fc.Forward(t, t.Flatten("flatten", b.Images("image", m.Image, m.Image, m.Channels)))
	o := &leak{x: x, y: t.Node(x.Layout, x.Cols)}
	t.Record(o, nn.Use{Name: "leak", Inputs: []*nn.Node{x}, Outputs: []*nn.Node{o.y}})
	return o.y
}

type leak struct{ x, y *nn.Node }

func (o *leak) Forward() {
	for r := range o.y.Rows {
		for j, v := range o.x.Value().Row(r) {
			o.y.Value().Row(r)[j] = v + o.x.Value().Row(0)[j]
		}
	}
}

func (o *leak) Backward() {
	for i, d := range o.y.Grad().Data {
		o.x.Grad().Data[i] += d
	}
}

func init() {
	zoo.Register("leaky", zoo.Kind[zoo.Classifier]{About: "for tests", Task: task.Class, Sample: "image", New: func(c zoo.Classifier) (zoo.Model, error) {
		ps := nn.NewParams()
		return &leaky{c, ps, nn.NewLinear(ps, "fc", c.Image*c.Image*c.Channels, c.Classes, true)}, nil
	}})
}

// checked runs `rondo train --check` for a kind of model.
func checked(t *testing.T, kind string) (status int, out string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run.yaml")
	text := "model: {kind: " + kind + ", classes: 4, image: 28, channels: 1}\n" +
		"data: {train: 'generated:train?count=36'}\nbatch: {global: 16, lanes: 8}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	status = Execute(t.Context(), []string{"train", path, "--check"}, &b, &b)
	return status, strings.ReplaceAll(b.String(), path, "run.yaml")
}

func TestTrainCheck(t *testing.T) {
	status, out := checked(t, "lenet5")
	if status != 0 || strings.Count(out, " ok ") != 10 || strings.Count(out, "\n") != 10 {
		t.Errorf("exit status %d:\n%s", status, out)
	}
	status, out = checked(t, "leaky")
	for _, want := range []string{
		"lanes     FAILED  step 0, lane 2: the loss is ", " with 8 lanes a worker, and ", " with 2 lanes; the first to differ is the output of leak (step 0, lane 2)\n",
		"threads   ok ", "rows      FAILED  the output of row 1 changes", "rondo: run.yaml: 2 of 10 checks failed\n",
	} {
		if status != exitFailed || !strings.Contains(out, want) {
			t.Errorf("exit status %d, without %q:\n%s", status, want, out)
		}
	}
}

// A bias that begins at the counts of classes is named with what it does to the first loss.
func TestTrainCheckFinalBias(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.yaml")
	text := "model: {kind: lenet5, classes: 4, image: 28, channels: 1, final_bias: counts}\n" +
		"data: {train: 'generated:train?count=36'}\nbatch: {global: 16, lanes: 2}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	status := Execute(t.Context(), []string{"train", path, "--check"}, &b, &b)
	start := regexp.MustCompile(`start     ok      the loss starts at 1\.\d+ nats; log 4 is 1\.386; without model\.final_bias, which sets fc3\.bias by the counts of 36 targets \(1\.3\d+ by themselves\), it starts at 1\.\d+\n`)
	if status != 0 || !start.MatchString(b.String()) {
		t.Errorf("exit status %d:\n%s", status, &b)
	}
}
