package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// TestWeightsOfBackbones puts the weights of a network with a head for classes under a head for pixels, as docs/zoo.md says.
func TestWeightsOfBackbones(t *testing.T) {
	for _, c := range []struct{ backbone, prefix, kind, skip string }{
		{"resnet18", "body.", "fpn", "fpn., score."},
		{"resnet50", "backbone.", "fcn-resnet50", "classifier., aux_classifier."},
	} {
		whole := thinModel(t, c.backbone, map[string]any{"width": 0.125, "depth": 0.5, "image": 64})
		dir := t.TempDir()
		in, out := filepath.Join(dir, "whole.safetensors"), filepath.Join(dir, "part.safetensors")
		var b bytes.Buffer
		if err := safetensors.Write(&b, whole.Params().Tensors(), nil); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(in, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if status, printed := weightsCommand(t, "convert", in, out, "--add", c.prefix, "--skip", "fc."); status != 0 || strings.Count(printed, "left out: fc.") != 2 {
			t.Fatalf("status %d: %s", status, printed)
		}
		headed := thinModel(t, c.kind, map[string]any{"backbone": c.backbone, "backbone_width": 0.125, "backbone_depth": 0.5, "height": 64, "width": 64})
		file, err := safetensors.Open(out)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		skip, _ := nn.ParseNames(c.skip)
		report, err := headed.Params().Load(file, nn.LoadOptions{Skip: skip})
		if err != nil || len(report.Idle) > 0 || report.Loaded != len(whole.Params().Tensors())-2 {
			t.Errorf("%s: %v, %+v", c.kind, err, report)
		}
		for _, p := range whole.Params().List {
			at := slices.IndexFunc(headed.Params().List, func(q *nn.Param) bool { return q.Name == c.prefix+p.Name })
			switch is := strings.HasPrefix(p.Name, "fc."); {
			case at < 0 != is:
				t.Errorf("%s: %s is not where it belongs", c.kind, p.Name)
			case at >= 0 && !slices.Equal(headed.Params().List[at].Value().Data, p.Value().Data):
				t.Errorf("%s: %s has other values", c.kind, p.Name)
			}
		}
	}
}

// thinModel is a network of the zoo with some of its fields, and weights drawn by the length of its name.
func thinModel(t *testing.T, kind string, fields map[string]any) *zoo.Network {
	t.Helper()
	info, _ := zoo.Lookup(kind)
	config := info.Config()
	for name, v := range fields {
		f := info.Field(name)
		if f == nil {
			continue
		}
		switch at := f.At(config).(type) {
		case *float64:
			*at = v.(float64)
		case *int:
			*at = v.(int)
		case *string:
			*at = v.(string)
		}
	}
	n, err := zoo.New(kind, config)
	if err != nil {
		t.Fatal(err)
	}
	n.Params().Allocate()
	n.Params().Initialize(uint64(len(kind)))
	return n
}
