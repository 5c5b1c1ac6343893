package binaries

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// Resource is what a project that k8s/components works with adds to a cluster's API: definitions of custom
// resources, by which the API server checks objects without the project's controller. They lie in its module.
type Resource struct {
	Name    string // of the component, or of the controller whose manifests these are
	module  string
	version string
	sum     string   // of the module, as go.sum has it
	folder  string   // of the module, that is copied
	Applied []string // for kubectl apply, below folder: files, or a directory
}

// Resources of all components that need any.
var Resources = []Resource{
	{"jobset", "sigs.k8s.io/jobset", "v0.11.1", "h1:WgLEBnXTeX+4MxfVkIbfm4jIVgjvIY6Jfaei2okxKNk=", "config", []string{"components/crd/bases"}},
	{"kueue", "sigs.k8s.io/kueue", "v0.17.0", "h1:7hzb38M4eKGzYW+CFv2s1L+swzzacUCHOCXxZmAV90I=", "config/components/crd", []string{"bases"}},
	{"trainjob-runtime", "github.com/kubeflow/trainer/v2", "v2.2.0", "h1:whChZckEtycLo1UKH/M0hiNaCUozbLvf9JrgmMv+TAg=",
		"manifests/base/crds", []string{"trainer.kubeflow.org_trainingruntimes.yaml"}},
	{"trainer", "github.com/kubeflow/trainer/v2", "v2.2.0", "h1:whChZckEtycLo1UKH/M0hiNaCUozbLvf9JrgmMv+TAg=", "manifests", nil},
	{"keda", "github.com/kedacore/keda/v2", "v2.21.0", "h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps=",
		"config/crd/bases", []string{"keda.sh_scaledobjects.yaml"}},
	{"cert-manager", "github.com/cert-manager/cert-manager", "v1.20.0", "h1:czZamsFJ1YdKPhpv+SopJZN9t3W68vQBnFYUevSHGqY=",
		"deploy/crds", []string{"."}},
	{"monitoring", "github.com/prometheus-operator/prometheus-operator", "v0.85.0", "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
		"example/prometheus-operator-crd", []string{"monitoring.coreos.com_podmonitors.yaml", "monitoring.coreos.com_prometheusrules.yaml"}},
}

// Files is where a Resource's folder has been copied to.
func (s Set) Files(r Resource) string {
	return filepath.Join(s.Dir, "resources", r.Name+"-"+r.version)
}

// copy takes a Resource's folder out of its module.
func (s Set) copy(ctx context.Context, w io.Writer, r Resource) error {
	to := s.Files(r)
	if exists(to) {
		return nil
	}
	fmt.Fprintf(w, "copying the resources of %s %s\n", r.Name, r.version)
	dir, err := download(ctx, r)
	if err != nil {
		return err
	}
	half := to + ".copying"
	err = errors.Join(os.RemoveAll(half), os.MkdirAll(half, 0o755))
	if err == nil {
		err = os.CopyFS(half, os.DirFS(filepath.Join(dir, r.folder)))
	}
	if err != nil {
		return err
	}
	return os.Rename(half, to)
}

// download has go fetch a module, and compares its checksum with ours.
func download(ctx context.Context, r Resource) (string, error) {
	at := r.module + "@" + r.version
	c := exec.CommandContext(ctx, "go", "mod", "download", "-json", at)
	c.Dir = os.TempDir() // of no module
	c.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := c.Output()
	var got struct{ Dir, Sum, Error string }
	if json.Unmarshal(out, &got) == nil && got.Error != "" {
		return "", fmt.Errorf("go mod download %s: %s", at, got.Error)
	}
	if err != nil {
		return "", fmt.Errorf("go mod download %s: %w", at, err)
	}
	if got.Sum != r.sum {
		return "", fmt.Errorf("%s has the checksum %s, and %s is wanted", at, got.Sum, r.sum)
	}
	return got.Dir, nil
}
