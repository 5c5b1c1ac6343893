package runfile

import (
	"path/filepath"
	"testing"
)

// The run files of the examples are valid, and each has a directory of its own.
func TestExamples(t *testing.T) {
	paths, err := filepath.Glob("../../examples/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	dirs := map[string]string{}
	for _, path := range paths {
		f, err := Load(path, nil)
		if err != nil {
			t.Error(err)
			continue
		}
		if other := dirs[f.Checkpoint.Dir]; other != "" {
			t.Errorf("%s and %s both write to %s", other, path, f.Checkpoint.Dir)
		}
		dirs[f.Checkpoint.Dir] = path
	}
}
