package zoo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/nn/task"
)

// listing is how many tensors a model has, and the SHA-256 of their names, types
// and shapes, as common.py lists a state_dict.
func listing(ps *nn.Params) (entries int, sha string) {
	var lines []string
	add := func(name string, d safetensors.DType, shape []int) {
		lines = append(lines, fmt.Sprintf("%s %s %s\n", name, d, strings.ReplaceAll(fmt.Sprint(shape), " ", ", ")))
	}
	for _, p := range ps.List {
		add(p.Name, safetensors.F32, p.Shape)
	}
	for _, s := range ps.Statistics {
		add(s.Name, safetensors.F32, []int{s.Size})
	}
	for _, c := range ps.Counters {
		add(c.Name, safetensors.I64, []int{})
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(strings.Fields(a)[0], strings.Fields(b)[0]) })
	sum := sha256.Sum256([]byte(strings.Join(lines, "")))
	return len(lines), hex.EncodeToString(sum[:])
}

// Every kind as published has PyTorch's parameters, names and shapes, and as many
// multiply-adds.
func TestPublishedFamilies(t *testing.T) {
	var want map[string]struct {
		Parameters, Entries, Macs int
		Listing                   string
	}
	readReference(t, "state_dicts.json", &want)
	for kind, w := range want {
		info, ok := Lookup(kind)
		if !ok {
			t.Errorf("there is no kind %s", kind)
			continue
		}
		m, err := New(kind, info.Config())
		if err != nil {
			t.Fatal(err)
		}
		if n := m.Params().Size(); n != w.Parameters {
			t.Errorf("%s: %d parameters, want %d", kind, n, w.Parameters)
		}
		if n, sha := listing(m.Params()); n != w.Entries || sha != w.Listing {
			t.Errorf("%s: %d tensors of SHA-256 %s, want %d of %s", kind, n, sha, w.Entries, w.Listing)
		}
		tape := nn.NewTape(m.Params(), nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Inference, 0)
		Record(m, task.Default(info.Task), tape, nil)
		if n := tape.Operations() / 2; n != w.Macs {
			t.Errorf("%s: %d multiply-adds, want %d", kind, n, w.Macs)
		}
	}
}

// smallFamilies are what make_families.py runs.
var smallFamilies = map[string]any{
	"efficientnet-b0":   EfficientNet{Scaled{Classifier{10, 64, 3}, 0.25, 0.5}, 0, 0, normOwn, padEven},
	"efficientnet-b5":   EfficientNet{Scaled{Classifier{10, 64, 3}, 0.25, 0.25}, 0, 0, normOwn, padEven},
	"efficientnet-v2-s": EfficientNet{Scaled{Classifier{10, 64, 3}, 0.25, 0.25}, 0, 0, normOwn, padEven},
	"fcn8s":             FCNVGG{Segmenter{10, 32, 32, 3}, 4, 1, 0},
	"fcn-resnet50":      FCNHead{Segmenter{10, 32, 32, 3}, 1, 0.1, 0, 0.5},
	"fpn":               FPN{Segmenter{10, 64, 64, 3}, "resnet50", 1, 0.1, 16},
	"convnext-tiny":     ConvNeXt{Scaled{Classifier{10, 64, 3}, 1.0 / 12, 0.2}, 0},
}

// TestFamiliesAgainstPyTorch compares a step of a small member of each family, and inference, with those of make_families.py.
func TestFamiliesAgainstPyTorch(t *testing.T) {
	for kind, config := range smallFamilies {
		t.Run(kind, func(t *testing.T) {
			var ref stepReference
			readReference(t, kind+".json", &ref)
			ref.compare(t, kind, config)
		})
	}
}

// TestSamePaddingAgainstPyTorch compares a small EfficientNet with TensorFlow's padding and norms with that of
// make_families.py, whose convolutions are timm's.
func TestSamePaddingAgainstPyTorch(t *testing.T) {
	var ref stepReference
	readReference(t, "efficientnet-b0-same.json", &ref)
	ref.compare(t, "efficientnet-b0", EfficientNet{Scaled{Classifier{10, 64, 3}, 0.25, 0.5}, 0, 0, "tensorflow", padSame})
}
