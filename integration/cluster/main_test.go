package cluster

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/integration/cluster/binaries"
	"github.com/rondo-ml/rondo/integration/cluster/lab"
)

var (
	cache = flag.String("cache", "", "`DIR` of the cluster's binaries; empty: rondo-cluster in the user's cache")
	full  = flag.Bool("full", false, "all tests, not the short form")
	keep  = flag.Bool("keep", false, "leave the directory with the logs")
)

// workDir names the directory of this test run to the tests inside.
const workDir = "RONDO_CLUSTER_DIR"

// errSkip is an error that keeps the tests from running and is none of theirs.
var errSkip = errors.New("skipped")

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := lab.Main(prepare, m.Run)
	switch {
	case errors.Is(err, errSkip):
		fmt.Println("tests on a Kubernetes cluster:", err)
		code = 0
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if dir := os.Getenv(workDir); dir != "" && !lab.Inside() {
		if *keep {
			fmt.Println("logs:", dir)
		} else {
			os.RemoveAll(dir)
		}
	}
	os.Exit(code)
}

func set() (binaries.Set, error) {
	dir := *cache
	if dir == "" {
		var err error
		if dir, err = binaries.DefaultDir(); err != nil {
			return binaries.Set{}, err
		}
	}
	return binaries.Set{Dir: dir}, nil
}

// prepare builds on the machine what the tests need in the cluster.
func prepare() error {
	if err := lab.Possible(); err != nil {
		return fmt.Errorf("%w: %w", errSkip, err)
	}
	bins, err := set()
	if err != nil {
		return fmt.Errorf("%w: %w", errSkip, err)
	}
	if missing := bins.Missing(); len(missing) > 0 {
		return fmt.Errorf("%w: not in %s: %s; make cluster builds them", errSkip, bins.Dir, strings.Join(missing, ", "))
	}
	dir, err := os.MkdirTemp("", "cluster-")
	if err != nil {
		return err
	}
	if err := os.Setenv(workDir, dir); err != nil {
		return err
	}
	if err := build(".", filepath.Join(dir, "pause"), "./pause"); err != nil {
		return err
	}
	if err := build("../..", filepath.Join(dir, "rondo"), "./cmd/rondo"); err != nil {
		return err
	}
	if err := lab.Pack(filepath.Join(dir, "pause.tar"), lab.PauseImage, filepath.Join(dir, "pause"), "/pause"); err != nil {
		return err
	}
	if err := lab.Pack(filepath.Join(dir, "etcd.tar"), etcdImage, bins.Path("etcd"), "/usr/local/bin/etcd"); err != nil {
		return err
	}
	return run("../../k8s/image", "go", "run", ".", "--out", filepath.Join(dir, "rondo.tar"), "--tag", rondoImage,
		"linux/"+runtime.GOARCH+"="+filepath.Join(dir, "rondo"))
}

func build(in, to, pkg string) error {
	return run(in, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", to, pkg)
}

func run(in string, args ...string) error {
	c := exec.Command(args[0], args[1:]...)
	c.Dir, c.Env = in, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(c.Args, " "), err, out)
	}
	return nil
}
