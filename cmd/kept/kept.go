// Package kept has what commands that train many runs, as compare and search, keep in a directory and go on from: a plan in
// plan.json, and other files that are there whole or not at all.
package kept

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// PlanName is the file of a plan.
const PlanName = "plan.json"

// Plan writes a plan into a directory, which it makes if need be; or, if a plan is there, it returns that one in its place, after same
// has said whether it is of the same work.
func Plan[P any](dir string, plan P, read func(dir string) (P, error), same func(kept P) error) (P, error) {
	kept, err := read(dir)
	switch {
	case err == nil:
		return kept, same(kept)
	case !errors.Is(err, fs.ErrNotExist):
		return plan, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return plan, fmt.Errorf("--out: %w", err)
	}
	return plan, JSON(filepath.Join(dir, PlanName), plan)
}

// JSON writes a value as a file, which is there whole or as it was.
func JSON(path string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
