package integration

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/rondo-ml/rondo/"

// allowed says what each package may import of this module; a package not
// listed is a mistake of whoever added it.
var allowed = map[string][]string{
	"tensor":               {"tensor/internal/kernel"},
	"tensor/ceiling":       {"tensor"},
	"allreduce/admission":  {},
	"allreduce":            {"allreduce/admission"},
	"data":                 {},
	"data/augment":         {"data/picture", "nn/portable", "tensor"},
	"data/generated":       {"tensor"},
	"data/labelled":        {"data/packed", "data/reviews"},
	"data/objects":         {},
	"data/order":           {"tensor"},
	"data/cifar":           {},
	"data/cutting":         {"data/cifar", "data/files", "data/gunzip", "data/idx", "data/objects", "data/packed", "data/picture", "data/reviews", "data/samples", "data/shard", "data/wav", "data/words"},
	"data/files":           {},
	"data/gunzip":          {},
	"data/idx":             {"data/gunzip"},
	"data/picture":         {"data/picture/internal/kernel"},
	"data/samples":         {"data/shard"},
	"data/shard":           {"data/files", "cmd/program", "data/objects"},
	"data/survey":          {"data/samples", "data/shard"},
	"data/packed":          {"data/gunzip"},
	"data/reviews":         {"data/packed"},
	"data/wav":             {"nn/portable"},
	"data/words":           {},
	"nn/safetensors":       {},
	"nn/numpy":             {"nn/safetensors"},
	"nn/torchfile":         {"nn/safetensors"},
	"nn/portable":          {"tensor"},
	"nn/measure":           {"nn/portable"},
	"nn/optim":             {"nn/fields", "nn/portable", "tensor"},
	"nn/probe":             {"nn", "tensor"},
	"nn/projection":        {"tensor"},
	"nn/wordvectors":       {"nn/portable", "nn/projection", "tensor"},
	"nn":                   {"tensor", "nn/numpy", "nn/portable", "nn/safetensors", "nn/torchfile"},
	"nn/fields":            {},
	"nn/health":            {},
	"nn/task":              {"nn", "nn/fields", "nn/measure", "nn/portable"},
	"nn/zoo":               {"nn", "nn/fields", "nn/task", "tensor", "nn/safetensors"},
	"nn/look":              {"nn", "tensor"},
	"nn/onnx":              {"nn", "nn/portable"},
	"nn/summary":           {"nn", "nn/task", "nn/zoo", "tensor"},
	"nn/memory":            {"nn", "nn/summary", "nn/zoo", "tensor"},
	"nn/check":             {"nn", "nn/optim", "nn/task", "nn/zoo", "tensor"},
	"coordinator/api":      {},
	"coordinator/runfile":  {"cmd/program", "data/augment", "nn", "nn/fields", "nn/optim", "nn/task", "nn/zoo", "data/objects"},
	"coordinator/identity": {},
	"coordinator/token":    {},
	"coordinator/enrol":    {"allreduce/admission", "coordinator/identity", "coordinator/token"},
	"coordinator/gossip":   {"allreduce/admission", "coordinator/advertise"},
	"coordinator/dirlock":  {"data/objects"},
	"coordinator/inspect":  {},
	"coordinator/history":  {"coordinator/api", "coordinator/layers"},
	"coordinator/layers":   {"coordinator/api", "nn/health"},
	"coordinator/hook":     {},
	"coordinator/web":      {"coordinator/api", "coordinator/history"},
	"coordinator":          {"coordinator/tensorboard", "coordinator/hook", "nn/health", "coordinator/history", "coordinator/layers", "coordinator/inspect", "allreduce/admission", "coordinator/advertise", "coordinator/api", "coordinator/runfile", "coordinator/identity", "coordinator/token", "coordinator/enrol", "coordinator/web", "coordinator/gossip", "coordinator/dirlock", "allreduce", "cmd/program"},
	"worker/machine":       {},
	"worker/checkpoint":    {"nn/safetensors", "coordinator/runfile", "data/objects"},
	"worker":               {"cmd/program", "nn/health", "coordinator/history", "coordinator/inspect", "allreduce/admission", "coordinator/advertise", "worker/checkpoint", "worker/machine", "coordinator/api", "coordinator/runfile", "coordinator/identity", "coordinator/gossip", "coordinator/dirlock", "nn", "nn/check", "nn/measure", "nn/optim", "nn/portable", "nn/task", "nn/zoo", "nn/safetensors", "allreduce", "data/augment", "data/generated", "data/order", "data/picture", "data/samples", "data/shard", "tensor", "tensor/ceiling", "data/objects"},
	"cmd/past":             {"coordinator/api", "coordinator/history", "coordinator/layers", "coordinator/runfile", "coordinator/web", "data/objects", "data/samples", "data/survey", "worker", "worker/checkpoint"},
	"cmd/inside":           {"cmd/draw", "cmd/program", "coordinator/api", "coordinator/runfile", "data/cutting", "data/objects", "data/samples", "data/shard", "data/words", "nn", "nn/look", "nn/task", "nn/zoo", "tensor", "worker", "worker/checkpoint"},
	"cmd/bench":            {"cmd/bench/predict", "allreduce", "tensor", "tensor/ceiling"},
	"cmd/bench/predict":    {},
	"cmd/bench/networks":   {"nn", "nn/check", "nn/task", "nn/zoo", "tensor"},
	"cmd":                  {"coordinator/hook", "cmd/inside", "cmd/past", "coordinator/history", "coordinator/inspect", "coordinator", "coordinator/api", "coordinator/runfile", "coordinator/identity", "coordinator/token", "coordinator/enrol", "coordinator/web", "worker", "worker/checkpoint", "worker/machine", "cmd/bench", "cmd/bench/networks", "cmd/bench/predict", "allreduce", "cmd/comparison", "cmd/search", "cmd/draw", "cmd/program", "nn", "nn/check", "nn/look", "nn/measure", "nn/memory", "nn/numpy", "nn/onnx", "nn/projection", "nn/projection/projector", "nn/safetensors", "nn/summary", "nn/task", "nn/wordvectors", "nn/zoo", "data/augment", "data/cutting", "data/files", "data/generated", "data/labelled", "data/picture", "data/samples", "data/shard", "data/survey", "data/words", "tensor", "data/objects", "data/objects/s3", "data/objects/gcs", "data/reviews", "nn/probe"},
	"cmd/rondo":            {"cmd"},
	"integration":          {"coordinator/api", "coordinator/identity"},

	"cmd/draw":                {},
	"cmd/comparison":          {"cmd/kept", "coordinator/runfile"},
	"cmd/kept":                {},
	"cmd/search":              {"cmd/kept", "nn/portable", "nn/zoo", "tensor"},
	"coordinator/tensorboard": {},

	"cmd/program":                  {},
	"data/picture/internal/kernel": {},

	"data/objects/azure":            {"data/objects"},
	"data/objects/gcs":              {"data/objects", "data/objects/s3"},
	"data/objects/s3":               {"data/objects"},
	"data/objects/objectstest":      {},                  // for tests alone
	"coordinator/layers/layerstest": {"coordinator/api"}, // for tests alone
	"coordinator/web/webtest":       {},                  // for tests alone

	"tensor/internal/kernel":     {},
	"tensor/internal/kerneltest": {"tensor/internal/kernel"}, // for tests alone

	"nn/projection/projector": {"nn/projection", "tensor"},

	"coordinator/advertise": {},
	"integration/ringbench": {"allreduce", "coordinator/identity"},
}

// only says which packages may import a library outside the standard one:
// each is to stay behind a small interface.
var only = map[string][]string{
	"go.etcd.io/etcd":                 {"coordinator"},
	"github.com/hashicorp/memberlist": {"coordinator/gossip"},
	"google.golang.org/grpc":          {"coordinator", "coordinator/api", "worker", "cmd"},
	"github.com/spf13/cobra":          {"cmd"},
	"github.com/goccy/go-yaml":        {"coordinator/runfile"},
	"github.com/minio/minio-go":       {"data/objects/s3"},
	"github.com/johannesboyne":        {"data/objects/objectstest"},
	"github.com/nlpodyssey/gopickle":  {}, // for tests alone
	"golang.org/x/oauth2":             {"data/objects/gcs"},
	"github.com/Azure":                {"data/objects/azure"},
	"golang.org/x/image":              {"cmd/draw", "data/picture", "data/survey"},
}

// TestImports asserts the graph of docs/architecture.md.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		seen++
		name := strings.TrimPrefix(p.ImportPath, module)
		may, listed := allowed[name]
		if !listed {
			t.Errorf("package %s is not in the graph", name)
		}
		for _, i := range p.Imports {
			checkImport(t, name, i, may)
		}
	}
	if seen < 10 {
		t.Errorf("only %d packages seen", seen)
	}
}

func checkImport(t *testing.T, name, path string, may []string) {
	if own, ok := strings.CutPrefix(path, module); ok {
		if !slices.Contains(may, own) {
			t.Errorf("%s imports %s", name, own)
		}
		return
	}
	if strings.HasPrefix(name, "tensor") && strings.Contains(path, ".") &&
		!(name == "tensor/internal/kernel" && path == "golang.org/x/sys/cpu") {
		t.Errorf("%s imports %s", name, path)
	}
	if (name == "allreduce" || name == "data/shard") && strings.Contains(strings.Split(path, "/")[0], ".") &&
		!(name == "allreduce" && strings.HasPrefix(path, "golang.org/x/sys/")) {
		t.Errorf("%s imports %s", name, path)
	}
	for library, users := range only {
		if strings.HasPrefix(path, library) && !slices.Contains(users, name) {
			t.Errorf("%s imports %s", name, path)
		}
	}
}
