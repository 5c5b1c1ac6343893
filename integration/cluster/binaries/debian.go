package binaries

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// packages of Debian that the nodes need, with the libraries of nft.
var packages = []string{
	"containerd", "runc", "containernetworking-plugins",
	"nftables", "libnftables1", "libjansson4", "libedit2", "libnftnl11", "libmnl0", "libxtables12",
}

func (s Set) root() string                { return filepath.Join(s.Dir, "debian") }
func (s Set) unpacked(name string) string { return filepath.Join(s.root(), ".unpacked-"+name) }
func (s Set) CNI() string                 { return filepath.Join(s.root(), "usr/lib/cni") }
func (s Set) Containerd() string          { return filepath.Join(s.root(), "usr/bin/containerd") }
func (s Set) Ctr() string                 { return filepath.Join(s.root(), "usr/bin/ctr") }
func (s Set) Runc() string                { return filepath.Join(s.root(), "usr/sbin/runc") }

// Environ lets what was unpacked find its libraries and the programs beside it.
func (s Set) Environ() []string {
	var programs, libraries []string
	for _, d := range []string{"usr/sbin", "usr/bin", "sbin", "bin"} {
		programs = append(programs, filepath.Join(s.root(), d))
	}
	libs, _ := filepath.Glob(filepath.Join(s.root(), "usr/lib/*-linux-gnu"))
	more, _ := filepath.Glob(filepath.Join(s.root(), "lib/*-linux-gnu"))
	libraries = append(append(libraries, libs...), more...)
	return []string{
		"PATH=" + strings.Join(append(programs, os.Getenv("PATH")), ":"),
		"LD_LIBRARY_PATH=" + strings.Join(libraries, ":"),
	}
}

// unpack downloads a package and unpacks it without installing it.
func (s Set) unpack(ctx context.Context, w io.Writer, name string) error {
	if exists(s.unpacked(name)) {
		return nil
	}
	for _, tool := range []string{"apt-get", "dpkg-deb"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("%s comes from Debian's packages, and %s is not here: run this on Debian 12 or a descendant of it", name, tool)
		}
	}
	dir, err := os.MkdirTemp("", "deb-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Fprintf(w, "fetching %s\n", name)
	if err := run(ctx, dir, "apt-get", "download", "-q", name); err != nil {
		// A new machine has no lists yet.
		if err := run(ctx, dir, "apt-get", "update", "-q"); err != nil {
			return err
		}
		if err := run(ctx, dir, "apt-get", "download", "-q", name); err != nil {
			return err
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.deb"))
	if len(files) != 1 {
		return fmt.Errorf("apt-get download %s left %d packages, and one was asked for", name, len(files))
	}
	if err := os.MkdirAll(s.root(), 0o755); err != nil {
		return err
	}
	if err := run(ctx, dir, "dpkg-deb", "-x", files[0], s.root()); err != nil {
		return err
	}
	return os.WriteFile(s.unpacked(name), nil, 0o644)
}

func run(ctx context.Context, dir string, args ...string) error {
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", strings.Join(args, " "), err), errors.New(string(out)))
	}
	return nil
}
