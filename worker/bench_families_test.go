package worker

import (
	"runtime"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// familySteps has one member of each family of networks of images: its kind, the
// pixels of a side, and fields that are not the defaults. docs/bench/families.py has
// the same in PyTorch.
var familySteps = []struct{ kind, image, set string }{
	{"alexnet", "128", ""},
	{"vgg11-bn", "64", ""},
	{"googlenet", "128", "model.sides=false"},
	{"inceptionv3", "128", "model.sides=false"},
	{"inceptionv4", "128", ""},
	{"inception-resnet-v2", "128", ""},
	{"xception", "128", ""},
	{"resnet18", "64", ""},
	{"resnet50", "64", ""},
	{"resnext50-32x4d", "64", ""},
	{"seresnet50", "64", ""},
	{"resnet50-gn", "64", ""},
	{"densenet121", "64", ""},
	{"mobilenetv1", "128", ""},
	{"mobilenetv2", "128", ""},
	{"efficientnet-b0", "128", ""},
	{"efficientnet-v2-s", "128", ""},
	{"convnext-tiny", "64", ""},
}

// BenchmarkFamilyStep is one training step of a member of each family on one worker
// that has all cores, batch 16 in one lane, SGD with momentum, in images per second
// and GFLOP/s of convolutions and products, three times those of forward.
func BenchmarkFamilyStep(b *testing.B) {
	for _, c := range familySteps {
		b.Run(c.kind, func(b *testing.B) {
			f := imageFile(b, c.kind, append(strings.Fields(c.set), "model.classes=1000", "model.image="+c.image, "batch.global=16",
				"batch.lanes=1", "optimizer.clip=0", "data.train=generated:train?count=1024")...)
			model, err := describeModel(f.Model)
			if err != nil {
				b.Fatal(err)
			}
			tape := nn.NewTape(model.Params(), nil, nn.Shape{Steps: 1, Lanes: 1, Rows: f.Batch.Global}, nn.Inference, 0)
			zoo.Record(model, f.Task.New(), tape, nil)
			rate, _ := stepRate(b, f)
			speed := 3 * rate * float64(tape.Operations())
			b.ReportMetric(rate*float64(f.Batch.Global), "img/s")
			b.ReportMetric(speed/1e9, "GFLOP/s")
			b.ReportMetric(100*speed/ceilingSpeed(runtime.GOMAXPROCS(0)), "%ceiling")
		})
	}
}
