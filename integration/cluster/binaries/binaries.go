package binaries

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// Version of Kubernetes. The modules of its parts (k8s.io/api, …) in
// ../builds/kubernetes/go.mod are of v0 and the same minor and patch.
const Version = "v1.37.2"

// command is a binary that is built from a module.
type command struct {
	name    string
	module  string // folder of ../builds
	pkg     string
	version string
}

var commands = []command{
	{"etcd", "kubernetes", "go.etcd.io/etcd/server/v3", "v3.7.3"},
	{"kube-apiserver", "kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver", Version},
	{"kubectl", "kubernetes", "k8s.io/kubernetes/cmd/kubectl", Version},
	{"kube-controller-manager", "kubernetes", "k8s.io/kubernetes/cmd/kube-controller-manager", Version},
	{"kube-scheduler", "kubernetes", "k8s.io/kubernetes/cmd/kube-scheduler", Version},
	{"kubelet", "kubernetes", "k8s.io/kubernetes/cmd/kubelet", Version},
	{"coredns", "coredns", ".", "v1.15.0"},
	{"kube-proxy", "kubernetes", "k8s.io/kubernetes/cmd/kube-proxy", Version},
}

// extras are programs that a cluster comes up without. A test that wants one is skipped where it was not built.
var extras = []command{
	{"jobset", "jobset", "sigs.k8s.io/jobset", "v0.11.1"}, // its controller
	{"s3", "s3", ".", "v1.2.0"},                           // a store, in memory
	{"trainer", "trainer", "github.com/kubeflow/trainer/v2/cmd/trainer-controller-manager", "v2.2.0"},
}

// Set is the cluster's binaries in a directory.
type Set struct {
	Dir string
}

// DefaultDir is rondo-cluster in the user's cache ($XDG_CACHE_HOME).
func DefaultDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for the cluster's binaries: %w; name one with -cache", err)
	}
	return filepath.Join(cache, "rondo-cluster"), nil
}

// Path of a binary that was built.
func (s Set) Path(name string) string {
	for _, c := range slices.Concat(commands, extras) {
		if c.name == name {
			return s.path(c)
		}
	}
	panic("binaries: no binary is named " + name)
}

// Has tells whether a binary was built.
func (s Set) Has(name string) bool { return exists(s.Path(name)) }

// HasResources tells whether all of Resources were copied that have something to apply.
func (s Set) HasResources() bool {
	return !slices.ContainsFunc(Resources, func(r Resource) bool { return len(r.Applied) > 0 && !exists(s.Files(r)) })
}

func (s Set) path(c command) string {
	return filepath.Join(s.Dir, runtime.GOARCH, c.version, c.name)
}

// Missing lists what a cluster does not come up without. Make makes it, and extras and copies of Resources besides.
func (s Set) Missing() []string {
	var missing []string
	for _, c := range commands {
		if !exists(s.path(c)) {
			missing = append(missing, c.name+" "+c.version)
		}
	}
	for _, p := range packages {
		if !exists(s.unpacked(p)) {
			missing = append(missing, "Debian's "+p)
		}
	}
	return missing
}

// Make builds and unpacks what is missing. It tells w what it does.
func (s Set) Make(ctx context.Context, w io.Writer) error {
	if runtime.GOOS != "linux" {
		return errors.New("a cluster needs Linux, and its binaries are built where it runs")
	}
	for _, p := range packages {
		if err := s.unpack(ctx, w, p); err != nil {
			return err
		}
	}
	for _, r := range Resources {
		if err := s.copy(ctx, w, r); err != nil {
			return err
		}
	}
	for _, c := range slices.Concat(commands, extras) {
		if err := s.build(ctx, w, c); err != nil {
			return err
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
