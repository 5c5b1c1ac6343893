package check

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// variant is an overlay with components on top of it.
type variant struct {
	overlay    string
	components []string
}

func (v variant) String() string {
	return strings.Join(append([]string{v.overlay}, v.components...), "+")
}

// together are components in the company that they need, or are likely to be in.
var together = []variant{
	{"prod", []string{"external-etcd", "cert-manager"}}, {"prod", []string{"spot", "job"}}, {"prod", []string{"cert-manager", "job"}},
	{"prod", []string{"job", "kueue"}}, {"prod", []string{"cert-manager", "spot", "jobset", "kueue"}}, {"dev", []string{"spot", "cert-manager"}},
	{"prod", []string{"operators", "cert-manager"}}, {"prod", []string{"embedded-etcd", "operators"}},
}

// unfit are components that an overlay has already, or that take away what it lacks.
var unfit = map[string]bool{"dev+embedded-etcd": true, "dev+external-etcd": true, "spot+spot": true}

// variants are all that is built: each overlay by itself, each component on each, and some together.
func variants(t *testing.T) []variant {
	t.Helper()
	found := slices.Clone(together)
	for _, overlay := range list(t, "overlays") {
		found = append(found, variant{overlay, nil})
		for _, component := range list(t, "components") {
			if v := (variant{overlay, []string{component}}); !unfit[v.String()] {
				found = append(found, v)
			}
		}
	}
	return found
}

// list is what a directory of k8s/ holds.
func list(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join("..", dir))
	if err != nil || len(entries) == 0 {
		t.Fatalf("%s: %d entries, %v", dir, len(entries), err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// forEach runs a test on the objects of every variant.
func forEach(t *testing.T, check func(t *testing.T, objects []object)) {
	t.Helper()
	for _, v := range variants(t) {
		t.Run(v.String(), func(t *testing.T) { check(t, build(t, v)) })
	}
}

// built keeps what was built once: objects are not changed.
var built = map[string][]object{}

func build(t *testing.T, v variant) []object {
	t.Helper()
	if all, ok := built[v.String()]; ok {
		return all
	}
	fs := tree(t)
	text := "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: rondo\nresources: [../" + v.overlay + "]\n"
	if len(v.components) > 0 {
		text += "components:\n"
	}
	for _, c := range v.components {
		text += "  - ../../components/" + c + "\n"
	}
	if err := fs.WriteFile("/k8s/overlays/check/kustomization.yaml", []byte(text)); err != nil {
		t.Fatal(err)
	}
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(fs, "/k8s/overlays/check")
	if err != nil {
		t.Fatal(err)
	}
	yaml, err := resources.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	var all []object
	for _, doc := range bytes.Split(yaml, []byte("\n---\n")) {
		all = append(all, decode(t, doc))
	}
	built[v.String()] = all
	return all
}

// tree is k8s/ in memory, so that tests add overlays of their own to it.
func tree(t *testing.T) filesys.FileSystem {
	t.Helper()
	fs := filesys.MakeFsInMemory()
	for _, top := range []string{"base", "components", "overlays"} {
		err := filepath.WalkDir(filepath.Join("..", top), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return fs.WriteFile(filepath.Join("/k8s", strings.TrimPrefix(path, "..")), content)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return fs
}
