package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// overlay is one of k8s/overlays as a user lays another on top of it: with an
// image, a namespace and a run file of its own.
type overlay struct {
	t       *testing.T
	dir     string // for kubectl apply -k
	runFile string
}

const kustomization = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: %s
resources: [../%s]
images:
  - {name: rondo, newName: rondo, newTag: lab}
configMapGenerator:
  - {name: rondo-run, behavior: replace, files: [run.yaml]}
`

// smaller is a part of an overlay that fits on this machine: two workers that ask for as much as those of dev.
const smaller = `replicas:
  - {name: rondo-worker, count: 2}
patches:
  - target: {kind: Deployment, name: rondo-worker}
    patch: |-
      - {op: replace, path: /spec/template/spec/containers/0/resources, value: {requests: {cpu: 250m, memory: 256Mi}, limits: {memory: 256Mi}}}
`

// with is a part of an overlay that takes components in.
func with(components ...string) string {
	text := "components:\n"
	for _, c := range components {
		text += "  - ../../components/" + c + "\n"
	}
	return text
}

// overlay lays one over that of a name, with further parts of a kustomization.
func (r *training) overlay(name, run string, parts ...string) overlay {
	r.t.Helper()
	root := filepath.Join(r.t.TempDir(), "k8s")
	for _, d := range []string{"base", "components", "overlays"} {
		if err := os.CopyFS(filepath.Join(root, d), os.DirFS(filepath.Join("../../k8s", d))); err != nil {
			r.t.Fatal(err)
		}
	}
	o := overlay{t: r.t, dir: filepath.Join(root, "overlays", "lab")}
	o.runFile = filepath.Join(o.dir, "run.yaml")
	if err := os.Mkdir(o.dir, 0o755); err != nil {
		r.t.Fatal(err)
	}
	o.write("kustomization.yaml", fmt.Sprintf(kustomization, r.ns, name)+strings.Join(parts, ""))
	o.write("run.yaml", run)
	return o
}

func (o overlay) write(name, text string) {
	o.t.Helper()
	if err := os.WriteFile(filepath.Join(o.dir, name), []byte(text), 0o644); err != nil {
		o.t.Fatal(err)
	}
}

// change writes the run file with something else in the place of a text.
func (o overlay) change(from, to string) {
	o.t.Helper()
	text, err := os.ReadFile(o.runFile)
	if err != nil {
		o.t.Fatal(err)
	}
	if strings.Count(string(text), from) != 1 {
		o.t.Fatalf("%s holds %q %d times, and once is wanted", o.runFile, from, strings.Count(string(text), from))
	}
	o.write("run.yaml", strings.Replace(string(text), from, to, 1))
}

// poolRun goes on for as long as a test wants. Its learning rate is constant, so
// that the number of its steps may be changed.
const poolRun = `name: pool
seed: 1
model: {kind: lenet5}
data: {train: "generated:train?count=6000"}
batch: {global: 32, lanes: 8}
optimizer: {kind: sgd, lr: 0.02, momentum: 0.9}
schedule: {kind: constant}
steps: 1000000
checkpoint: {dir: /runs/pool, every: 200, keep: 3}
`

// shortRun ends by itself.
const shortRun = `name: short
seed: 1
model: {kind: lenet5}
data: {train: "generated:train?count=6000", valid: "generated:valid?count=200"}
batch: {global: 32, lanes: 8}
optimizer: {kind: sgd, lr: 0.02, momentum: 0.9}
steps: 200
eval: {every: 100}
checkpoint: {dir: /runs/short, every: 100, keep: 3}
`
