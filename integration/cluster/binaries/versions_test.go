package binaries

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestVersions asks that the modules of builds/ are of the versions under which
// the cache keeps their binaries: otherwise a new version would not be built.
func TestVersions(t *testing.T) {
	for _, c := range slices.Concat(commands, extras) {
		text, err := os.ReadFile(filepath.Join("..", "builds", c.module, "go.mod"))
		if err != nil {
			t.Fatal(err)
		}
		module := map[string]string{"etcd": "go.etcd.io/etcd/server/v3", "coredns": "github.com/coredns/coredns", "jobset": "sigs.k8s.io/jobset",
			"trainer": "github.com/kubeflow/trainer/v2", "s3": "github.com/johannesboyne/gofakes3"}[c.name]
		if module == "" {
			module = "k8s.io/kubernetes"
		}
		if !regexp.MustCompile(`(?m)^\s*(require )?` + regexp.QuoteMeta(module+" "+c.version) + `\b`).Match(text) {
			t.Errorf("%s: builds/%s/go.mod does not require %s %s", c.name, c.module, module, c.version)
		}
	}
}

// TestParts asks that Kubernetes' parts are of the version of the whole, which its
// own go.mod cannot say to other modules.
func TestParts(t *testing.T) {
	text, err := os.ReadFile("../builds/kubernetes/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(Version, "v1.", "v0.", 1)
	parts := regexp.MustCompile(`(?m)^\s*(k8s\.io/\S+) => (\S+) (\S+)$`).FindAllStringSubmatch(string(text), -1)
	if len(parts) < 30 {
		t.Fatalf("%d parts of Kubernetes are replaced; it has more", len(parts))
	}
	for _, p := range parts {
		if p[1] != p[2] || p[3] != want {
			t.Errorf("%s, want %s %s", p[0], p[1], want)
		}
	}
}

// TestMissing lists everything in an empty directory.
func TestMissing(t *testing.T) {
	s := Set{Dir: t.TempDir()}
	if got, want := len(s.Missing()), len(commands)+len(packages); got != want {
		t.Errorf("%d are missing in an empty directory, want %d", got, want)
	}
	path := s.Path("kubectl")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, m := range s.Missing() {
		if strings.HasPrefix(m, "kubectl") {
			t.Errorf("%s is missing, and there it is", m)
		}
	}
}
