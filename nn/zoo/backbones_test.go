package zoo

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Names, shapes and types of all weights are those of the implementations that kinds name, and so are multiply-adds.
func TestKeysOfBackbones(t *testing.T) {
	var table map[string]struct {
		Entries, Parameters, Macs int
		SHA256                    string
	}
	readReference(t, "backbone_keys.json", &table)
	for kind, want := range table {
		m, err := New(kind, mustLookup(t, kind).Config())
		if err != nil {
			t.Fatal(err)
		}
		ps := m.Params()
		var lines []string
		for _, p := range ps.List {
			lines = append(lines, fmt.Sprintf("%s %v F32", p.Name, p.Shape))
		}
		for _, s := range ps.Statistics {
			lines = append(lines, fmt.Sprintf("%s [%d] F32", s.Name, s.Size))
		}
		for _, c := range ps.Counters {
			lines = append(lines, c.Name+" [] I64")
		}
		slices.Sort(lines)
		sum := fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(lines, "\n"))))
		if len(lines) != want.Entries || ps.Size() != want.Parameters || sum != want.SHA256 {
			t.Errorf("%s: %d entries of hash %s, %d parameters; the reference has %+v", kind, len(lines), sum, ps.Size(), want)
		}
		if got := multiplyAdds(m); got != float64(want.Macs) {
			t.Errorf("%s: %v multiply-adds, the reference has %d", kind, got, want.Macs)
		}
	}
	if len(table) < 28 {
		t.Errorf("%d networks are compared", len(table))
	}
}

// smallBackbone is a kind as make_backbones.py has it.
func smallBackbone(t *testing.T, kind string, image int) (string, any) {
	name, isDilated := strings.CutSuffix(kind, "-dilated")
	c := mustLookup(t, name).Config()
	switch c := c.(type) {
	case *ResNet:
		c.Width, c.Depth = 0.25, 0.25
		if name == "resnet50-gn" {
			c.Width = 0.5
		}
		if isDilated {
			c.OutputStride = 8
		}
	case *DenseHeaded:
		c.Width, c.Dropout = 1./8, 0
		if !strings.HasPrefix(name, "vgg") && name != "alexnet" {
			c.Width = 1. / 4
		}
	case *MobileNetV1:
		c.Width = 0.25
	case *Scaled:
		c.Width, c.Depth = 0.25, 0.25
	}
	info := mustLookup(t, name)
	*info.Field("image").At(c).(*int) = image
	*info.Field("classes").At(c).(*int) = imageClasses
	return name, c
}

// Whoever computes which lanes, weights and statistics come out the same, of a member of every family.
func TestBackboneTrainingDoesNotDependOnTheSplit(t *testing.T) {
	for kind, image := range map[string]int{
		"resnet50": 16, "resnext50-32x4d": 16, "seresnet50": 16, "resnet50-gn": 32, "vgg11-bn": 32, "alexnet": 63, "alexnet-caffe": 67, "zfnet": 64, "densenet121": 32, "mobilenetv1": 16,
	} {
		t.Run(kind, func(t *testing.T) {
			name, config := smallBackbone(t, kind, image)
			if c, ok := config.(*DenseHeaded); ok {
				c.Dropout = 0.5
			}
			want, wantLoss := trainImages(t, name, config, 1, []int{4})
			for _, s := range []struct {
				threads int
				parts   []int
			}{{2, []int{1, 3}}, {3, []int{2, 1, 1}}} {
				got, loss := trainImages(t, name, config, s.threads, s.parts)
				if !slices.Equal(got, want) || fmt.Sprint(loss) != fmt.Sprint(wantLoss) {
					t.Errorf("lanes %v on %d goroutines give other bits", s.parts, s.threads)
				}
			}
		})
	}
}
