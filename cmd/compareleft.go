package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/cmd/comparison"
	"github.com/rondo-ml/rondo/cmd/past"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// checkOut refuses the directory of a run: the comparison's files would lie among its own.
func (o *compareOptions) checkOut() error {
	if _, err := past.Open(o.out, time.Now); err == nil {
		return fmt.Errorf("--out %s: a run has left its checkpoints or history there; give a directory of the comparison's own", o.out)
	}
	return nil
}

// checkShares says which variant the smallest share leaves fewer data than one batch: a larger one has more.
func (r *comparing) checkShares(p *comparison.Plan) error {
	share := slices.Min(p.Shares)
	for _, v := range p.Variants {
		f, err := r.file(comparison.Variant{Name: v.Name, Sets: append(slices.Clone(v.Sets), comparison.SetShare(share))})
		if err != nil {
			return err
		}
		set, err := worker.OpenData(f, f.Data.Train)
		if err == nil {
			err = set.Check(f, true)
		}
		if err != nil {
			return &usageError{fmt.Errorf("variant %s with share %v: data.train: %w", v.Name, share, err)}
		}
	}
	return nil
}

// hashes are those of the sets that the variants read. One that is not there has none: what it gave may be shown still.
func (r *comparing) hashes(variants []comparison.Variant) (map[string]string, error) {
	all := map[string]string{}
	for _, v := range variants {
		f, err := r.file(v)
		if err != nil {
			return nil, err
		}
		for _, path := range []string{f.Data.Train, f.Data.Valid} {
			if set, err := worker.OpenData(f, path); err == nil {
				all[path] = set.Hash()
			}
		}
	}
	return all, nil
}

// checkLeft refuses runs that lie in the directory and are not those of the plan, before one is taken for what it is not.
func (r *comparing) checkLeft(p *comparison.Plan) error {
	for _, run := range p.Runs() {
		differ, err := r.differs(run)
		if err != nil {
			return err
		}
		if len(differ) > 0 {
			return &usageError{fmt.Errorf("%s holds a run of another comparison, there and here differ in %s; give another --out, or remove the directory %s",
				run.Dir(r.options.out), strings.Join(differ, "; "), r.options.out)}
		}
	}
	return nil
}

// differs names the fields in which what lies in a run's directory differs from the run. It is empty where nothing lies there.
func (r *comparing) differs(run comparison.Run) ([]string, error) {
	dir := run.Dir(r.options.out)
	done, begun, err := finished(dir, run.Variant.Steps)
	if err != nil {
		return nil, err
	}
	left, err := past.Open(dir, time.Now)
	if err != nil && begun {
		return nil, err
	} else if err != nil {
		return nil, nil
	}
	now, err := runfile.Load(r.path, lastOfEach(r.sets(run)))
	if err != nil {
		return nil, &usageError{fmt.Errorf("variant %s: %w", run.Variant.Name, err)}
	}
	differ := setsDiffer(left.Status().Run.File, now)
	if !begun {
		return differ, nil
	}
	m, _, err := checkpoint.Newest(checkpoint.Files{}, dir)
	switch {
	case errors.Is(err, checkpoint.ErrNone):
		return differ, nil
	case err != nil:
		return nil, err
	}
	if hash := r.data[now.Data.Train]; hash != "" && hash != m.DataHash {
		differ = append(differ, "the data of "+now.Data.Train)
	}
	if done {
		return append(runfile.Diff(m.Bits, now.Bits()), differ...), nil
	}
	return append(runfile.Continues(m.Bits, now.Bits(), m.Step), differ...), nil
}

// setsDiffer compares what decides no bits of a run and yet what is said of it: the sets, and how much of the held-out one.
func setsDiffer(file string, now *runfile.File) (differ []string) {
	was, err := runfile.Parse("run.yaml", []byte(file), nil)
	if err != nil || was.Data.Train == "unknown" { // the run left no history
		return nil
	}
	before, after := was.Fields(), now.Fields()
	for _, path := range []string{"data.train", "data.valid", "eval.batches"} {
		if before[path] != after[path] {
			differ = append(differ, fmt.Sprintf("%s: %s and %s", path, objects.Shown(before[path]), objects.Shown(after[path])))
		}
	}
	return differ
}
