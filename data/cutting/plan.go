package cutting

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
)

// plan is all that decides the bits of a cut's sets, so that a cut of the same plan can go on where one was stopped.
type plan struct {
	Kind    string
	Options any // without what decides no bits
	Schema  samples.Schema
	Inputs  []files.File // that are read, in order; of each path, size and time of the last change count
}

// hash identifies the plan, and the program.
func (p plan) hash() (string, error) {
	h := shard.NewPlan()
	e := json.NewEncoder(h)
	for _, v := range []any{p.Kind, p.Options, p.Schema} {
		if err := e.Encode(v); err != nil {
			return "", err
		}
	}
	for _, f := range p.Inputs {
		fmt.Fprintf(h, "%q %q %d %d\n", f.Path, f.Key, f.Size, f.Time.UnixNano())
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// unchanged is an error if a file that was read is another one by now: while it was read it may have been half of each. One that is
// gone was read whole, or could not be read.
func (p plan) unchanged() error {
	for _, f := range p.Inputs {
		info, err := os.Stat(f.Path)
		if err == nil && f.Path != standardInput && (info.Size() != f.Size || !info.ModTime().Equal(f.Time)) {
			return fmt.Errorf("%s changed while it was cut; give the same command again when it is at rest", f.Path)
		}
	}
	return nil
}

// inputsOf are files as a plan has them.
func inputsOf(paths []string) (list []files.File, err error) {
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, err
		}
		list = append(list, files.File{Path: p, Key: filepath.Base(p), Size: info.Size(), Time: info.ModTime()})
	}
	return list, nil
}
