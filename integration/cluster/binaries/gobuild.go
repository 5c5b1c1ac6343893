package binaries

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// source is the folder of this package, beside which the modules lie.
func source() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(file)
}

// build makes one binary where it is missing. It takes two cores at the lowest
// priority, since it may take half an hour of a machine that people work at.
func (s Set) build(ctx context.Context, w io.Writer, c command) error {
	to := s.path(c)
	if exists(to) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	fmt.Fprintf(w, "building %s %s\n", c.name, c.version)
	begun := time.Now()
	// A build that is interrupted leaves nothing under the name that is looked for.
	half := to + ".building"
	build := exec.CommandContext(ctx, "nice", "-n", "19", "go", "build", "-p", "2", "-trimpath", "-ldflags", flags(), "-o", half, c.pkg)
	build.Dir = filepath.Join(source(), "..", "builds", c.module)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%s in %s: %w\n%s", strings.Join(build.Args, " "), build.Dir, err, out)
	}
	if err := os.Rename(half, to); err != nil {
		return err
	}
	fmt.Fprintf(w, "built %s in %.0f s\n", c.name, time.Since(begun).Seconds())
	return nil
}

// flags leave symbols out and say which version it is: a kubelet of version
// v0.0.0 is refused by nothing, but kubectl compares versions.
func flags() string {
	const version = "k8s.io/component-base/version."
	number := strings.Split(strings.TrimPrefix(Version, "v"), ".")
	return fmt.Sprintf("-s -w -X %[1]sgitVersion=%s -X %[1]sgitMajor=%s -X %[1]sgitMinor=%s", version, Version, number[0], number[1])
}
