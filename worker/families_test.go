package worker

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/tensor"
)

// families are small members of the zoo's families. A dash in front means no batch norm.
var families = map[string]string{
	"resnet18":            "image=16 width=0.125 depth=0.25",
	"resnet34":            "image=16 width=0.125 depth=0.25",
	"resnet50":            "image=16 width=0.125 depth=0.25",
	"resnext50-32x4d":     "image=16 width=0.25 depth=0.25",
	"seresnet50":          "image=16 width=0.125 depth=0.25",
	"resnet50-gn":         "- image=16 width=0.5 depth=0.25",
	"vgg11":               "- image=32 width=0.03",
	"vgg11-bn":            "image=32 width=0.03",
	"alexnet":             "- image=63 width=0.125",
	"alexnet-caffe":       "- image=67 width=0.125",
	"zfnet":               "- image=67 width=0.125",
	"lenet5":              "- image=16",
	"lenet5-1998":         "- image=16",
	"densenet121":         "image=32 width=0.25 depth=0.1",
	"mobilenetv1":         "image=16 width=0.25",
	"mobilenetv2":         "image=16 width=0.25",
	"googlenet":           "image=32 width=0.0625 depth=0.1",
	"googlenet-original":  "- image=79 width=0.0625 depth=0.1",
	"bninception":         "image=32 width=0.0625 depth=0.1",
	"inceptionv3":         "image=80 width=0.0625 depth=0.1 sides=false",
	"inception-resnet-v1": "image=80 width=0.0625 depth=0.1",
	"inceptionv4":         "image=75 width=0.0625 depth=0.1",
	"inception-resnet-v2": "image=75 width=0.0625 depth=0.1",
	"xception":            "image=32 width=0.0625 depth=0.1",
	"nasnet-mobile":       "image=32 width=0.0625 depth=0.1",
	"nasnet-large":        "image=32 width=0.0625 depth=0.1",
	"cells":               "image=16 width=4",
	"efficientnet-b0":     "image=32 width=0.25 depth=0.4",
	"efficientnet-b5":     "image=32 width=0.25 depth=0.4",
	"efficientnet-v2-s":   "image=32 width=0.25 depth=0.2",
	"convnext-tiny":       "- image=32 width=0.0833 depth=0.2",
	"fcn32s":              "- height=32 width=32 filters=2",
	"fcn16s":              "- height=32 width=32 filters=2",
	"fcn8s":               "- height=32 width=32 filters=2",
	"fcn-resnet50":        "height=32 width=32 backbone_width=0.125 backbone_depth=0.1",
	"fcn-head":            "height=32 width=32 backbone=mobilenetv1 backbone_width=0.125 backbone_depth=0.1",
	"features":            "image=16 backbone=resnet34 cut=layer2 backbone_width=0.125 backbone_depth=0.25",
	"fpn":                 "height=32 width=32 features=4 backbone=nasnet-mobile backbone_width=0.0625 backbone_depth=0.1",
}

// familyFile is one step of a family's member on colour images, or on images with masks if masks names such a set.
func familyFile(t *testing.T, kind, masks string, sets ...string) *runfile.File {
	sets = append([]string{"batch.global=10", "batch.lanes=5", "data.valid=generated:valid?count=6"}, sets...)
	for _, field := range strings.Fields(strings.TrimPrefix(families[kind], "-")) {
		sets = append(sets, "model."+field)
	}
	if kind == "fpn" || strings.HasPrefix(kind, "fcn") {
		sets = append(sets, "data.train="+masks, "data.valid="+masks)
	}
	return imageFile(t, kind, append(sets, "steps=1", "optimizer.momentum=0.9")...)
}

// maskedSet writes images of 32 x 32 pixels that have a class each.
func maskedSet(t *testing.T) string {
	t.Helper()
	schema := samples.Schema{Parts: []samples.Part{
		{Name: "image", Element: samples.Uint8, Shape: []int{32, 32, 3}},
		{Name: "mask", Element: samples.Uint8, Shape: []int{32, 32}, Classes: []string{"a", "b", "c", "d"}},
	}}
	dir := filepath.Join(t.TempDir(), "masks")
	w, err := samples.NewWriter(shard.WriterOptions{Dir: dir, Name: "set"}, schema)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		image, mask := make([]byte, 32*32*3), make([]byte, 32*32)
		for j := range image {
			image[j] = byte(i*j + j*j%61)
		}
		for j := range mask {
			mask[j] = byte((i + j/200) % 4)
		}
		if err := w.Add(samples.Sample{{Shape: []int{32, 32, 3}, Data: image}, {Shape: []int{32, 32}, Data: mask}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A member of every family has the same bits on 1, 2, 3 and 5 workers, whether norms are of a lane or of all lanes.
func TestFamiliesSameBits(t *testing.T) {
	masks := maskedSet(t)
	for i, kind := range slices.Sorted(maps.Keys(families)) {
		var sums []string
		for _, whole := range []bool{false, true} {
			if whole && families[kind][0] == '-' {
				continue
			}
			if testing.Short() && kind == "resnet50-gn" { // half a width is the least of 32 groups
				continue
			}
			workers := []int{2, 3, 5}
			if testing.Short() { // every number of workers, but not of every family
				workers = workers[i%3 : i%3+1]
			}
			name := fmt.Sprintf("%s, sync_batchnorm %v", kind, whole)
			t.Run(name, func(t *testing.T) {
				f := familyFile(t, kind, masks, fmt.Sprintf("sync_batchnorm=%v", whole))
				want := runInProcess(t, f, 1, 1, 1)
				sums = append(sums, want.sum)
				for _, n := range workers {
					got := runInProcess(t, f, n, 1, 1)
					if got.sum != want.sum || fmt.Sprint(got.losses) != fmt.Sprint(want.losses) || got.held != want.held || got.right != want.right {
						t.Errorf("%d workers give other bits", n)
					}
				}
			})
		}
		if len(sums) == 2 && sums[0] == sums[1] {
			t.Errorf("%s: norms of all lanes change nothing", kind)
		}
	}
}

// familyTier tells a test's own child that it is one, and to print what it computes.
const familyTier = "RONDO_TEST_FAMILIES"

// normedTogether are families that take a step on every tier with norms of all lanes, too: behind convolutions of one tap, of
// many and depthwise ones, in front of ReLU, ReLU6 and SiLU, and behind additions.
var normedTogether = []string{"efficientnet-b0", "mobilenetv2", "resnet18", "resnet50"}

// A step of every family has the same bits on every tier of the processor, each in a process of its own.
func TestFamiliesSameBitsOnEveryTier(t *testing.T) {
	masks := maskedSet(t)
	if os.Getenv(familyTier) != "" {
		if err := tensor.TierError(); err != nil {
			fmt.Println(err)
			return
		}
		few := []string{"batch.global=4", "batch.lanes=2", "data.valid=generated:valid?count=2"} // plain Go is slow
		for _, kind := range slices.Sorted(maps.Keys(families)) {
			fmt.Printf("\nsum %s %s\n", kind, runInProcess(t, familyFile(t, kind, masks, few...), 1, 1, 1).sum)
		}
		for _, kind := range normedTogether {
			f := familyFile(t, kind, masks, append(few, "sync_batchnorm=true")...)
			fmt.Printf("\nsum %s with norms of all lanes %s\n", kind, runInProcess(t, f, 1, 1, 1).sum)
		}
		return
	}
	if testing.Short() {
		t.Skip("all families in three processes")
	}
	tiers := []string{"go", "avx2", "avx512"}
	if runtime.GOARCH == "arm64" {
		tiers = []string{"go", "neon"}
	}
	var want []string
	for _, tier := range tiers {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFamiliesSameBitsOnEveryTier$")
		cmd.Env = append(os.Environ(), familyTier+"=1", "RONDO_TIER="+tier)
		out, err := cmd.CombinedOutput()
		got := regexp.MustCompile(`(?m)^sum .*$`).FindAllString(string(out), -1)
		switch {
		case tier != "go" && strings.Contains(string(out), "does not have it"):
			t.Logf("this processor lacks %s", tier)
		case err != nil:
			t.Errorf("%s: %v\n%s", tier, err, out)
		case want == nil:
			want = got
		case !slices.Equal(got, want):
			t.Errorf("%s gives\n%s\nplain Go\n%s", tier, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	if n := len(families) + len(normedTogether); len(want) != n {
		t.Errorf("%d networks are compared, want %d", len(want), n)
	}
}
