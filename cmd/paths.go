package cmd

import (
	"fmt"

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

// oneDirectory wants a directory as the only argument.
func oneDirectory(c *cobra.Command, given []string) error {
	if err := args(1, 1, "one directory")(c, given); err != nil {
		return err
	}
	return wantPlace("the directory", given[0])
}
