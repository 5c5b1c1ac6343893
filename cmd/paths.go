package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/objects"
)

// wantPath refuses an address, as s3://bucket/x, where what names a file or a directory of this machine.
func wantPath(what, value string) error {
	if scheme := runfile.Scheme(value); scheme != "" {
		return &usageError{fmt.Errorf("%s %q: a path of this machine is wanted: %s", what, objects.Shown(value), runfile.NoAddress(scheme))}
	}
	return nil
}

// wantPlace is wantPath where an object store will do.
func wantPlace(what, value string) error {
	if runfile.Stored(value) {
		return nil
	}
	return wantPath(what, value)
}

// wantPaths is wantPath of several values.
func wantPaths(what string, values []string) error {
	for _, v := range values {
		if err := wantPath(what, v); err != nil {
			return err
		}
	}
	return nil
}

// wantSet wants a set of samples: a directory that is there, or one in an object store or of generated images, which is looked at later.
func wantSet(what, value string) error {
	if err := wantPlace(what, value); err != nil || value == "" || runfile.Stored(value) || strings.HasPrefix(value, "generated:") {
		return err
	}
	if err := wantDirectory(value); err != nil {
		return &usageError{fmt.Errorf("%s: %w", what, err)}
	}
	return nil
}

// wantDirectory wants a directory that is there.
func wantDirectory(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no directory", path)
	}
	return err
}

// wantWritable wants a directory in which files can be made, or a path at which such a one can be made.
func wantWritable(path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if parent := filepath.Dir(path); parent != path {
			return wantWritable(parent)
		}
	}
	if err := wantDirectory(path); err != nil {
		return err
	}
	f, err := os.CreateTemp(path, ".write-*")
	if err != nil {
		return insteadOf(path, err)
	}
	return cmp.Or(f.Close(), os.Remove(f.Name()))
}

// oneDirectory wants a directory as the only argument.
func oneDirectory(c *cobra.Command, given []string) error {
	if err := args(1, 1, "one directory")(c, given); err != nil {
		return err
	}
	return wantPlace("the directory", given[0])
}
