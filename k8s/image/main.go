package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	specs "github.com/opencontainers/image-spec/specs-go/v1"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

// options are what an image is made of.
type options struct {
	tag      string // NAME:VERSION
	revision string // of the source; empty: unknown
	created  time.Time
	binaries []programFile // one a platform
}

// programFile is the program for one platform.
type programFile struct {
	platform specs.Platform
	path     string
}

func run(args []string, stdout io.Writer) error {
	f := flag.NewFlagSet("image", flag.ContinueOnError)
	f.SetOutput(stdout)
	out := f.String("out", "", "`FILE` of the archive")
	tag := f.String("tag", "", "`NAME:VERSION` of the image")
	revision := f.String("revision", "", "commit of the source, for a label")
	created := f.Int64("created", 0, "time of the image and its files, in `SECONDS` since 1970: that of the commit")
	f.Usage = func() {
		fmt.Fprintln(stdout, "image --out FILE --tag NAME:VERSION OS/ARCH=BINARY…")
		f.PrintDefaults()
	}
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	o := options{tag: *tag, revision: *revision, created: time.Unix(*created, 0).UTC()}
	if *out == "" {
		return errors.New("no file to write; give --out FILE")
	}
	if _, err := version(o.tag); err != nil {
		return err
	}
	var err error
	if o.binaries, err = parseBinaries(f.Args()); err != nil {
		return err
	}
	return write(*out, o, stdout)
}

// version is the part of a tag behind its name.
func version(tag string) (string, error) {
	name, version, ok := strings.Cut(tag[strings.LastIndex(tag, "/")+1:], ":")
	if !ok || name == "" || version == "" {
		return "", fmt.Errorf("--tag %q: want NAME:VERSION, as rondo:0.15.0", tag)
	}
	return version, nil
}

// parseBinaries reads OS/ARCH=FILE.
func parseBinaries(args []string) ([]programFile, error) {
	if len(args) == 0 {
		return nil, errors.New("no binary; give OS/ARCH=FILE, as linux/amd64=bin/rondo")
	}
	var all []programFile
	seen := map[string]bool{}
	for _, arg := range args {
		platform, path, ok := strings.Cut(arg, "=")
		system, arch, slash := strings.Cut(platform, "/")
		switch {
		case !ok || !slash || path == "":
			return nil, fmt.Errorf("%q: want OS/ARCH=FILE, as linux/amd64=bin/rondo", arg)
		case system != "linux" || machines[arch] == 0:
			return nil, fmt.Errorf("%s: the platform %s is not known: want linux/amd64 or linux/arm64", arg, platform)
		case seen[platform]:
			return nil, fmt.Errorf("%s: %s was given before", arg, platform)
		}
		seen[platform] = true
		all = append(all, programFile{specs.Platform{OS: system, Architecture: arch}, path})
	}
	return all, nil
}

// write makes the archive beside its place and renames it, so that there is a whole one or none.
func write(path string, o options, stdout io.Writer) (err error) {
	a, err := pack(o)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".image-")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	err = errors.Join(a.writeTo(file), file.Chmod(0o644), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	fmt.Fprintf(stdout, "image   %s\ndigest  %s\nfile    %s\n", o.tag, a.digest, path)
	for _, s := range a.sizes {
		fmt.Fprintf(stdout, "%-12s %.1f MB compressed, %.1f MB unpacked\n", s.platform, float64(s.packed)/1e6, float64(s.unpacked)/1e6)
	}
	return nil
}
