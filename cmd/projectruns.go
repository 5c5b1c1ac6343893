package cmd

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/generated"
	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn/projection"
	"github.com/rondo-ml/rondo/nn/projection/projector"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// shownRun is a run whose checkpoints have points.
type shownRun struct {
	name  string
	dir   string
	file  func() *runfile.File // with its data; nil: not known
	leads bool                 // by this process, which then reads and computes little

	mu        sync.Mutex
	read      time.Time
	follower  *checkpoint.Follower
	manifests []*checkpoint.Manifest // oldest first
}

// runPoints are the points of runs: rows of their weights, and features of their data.
type runPoints struct {
	runs    []*shownRun
	threads int
	most    int // points of a set; 0: as many as a page shows
}

const (
	pageMost    = 50000       // points of a set
	leadingMost = 10000       // where this process leads the run
	leadingSize = 64 << 20    // bytes of weights that it reads
	mostSteps   = 500         // checkpoints that are shown, the newest
	listedFor   = time.Second // how long a list of checkpoints is taken to be true
	featuresOf  = "features of the "
	validation  = "validation set"
	trainingSet = "training set"
)

// list are the checkpoints that there are.
func (r *shownRun) list() ([]*checkpoint.Manifest, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); now.Sub(r.read) > listedFor {
		if r.follower == nil {
			r.follower = checkpoint.NewFollower(r.dir)
		}
		all, err := r.follower.Manifests()
		if err != nil {
			return nil, err
		}
		r.manifests, r.read = all[max(0, len(all)-mostSteps):], now
	}
	if len(r.manifests) == 0 {
		return nil, fmt.Errorf("%s has no checkpoint yet", r.dir)
	}
	return r.manifests, nil
}

// find is the run and the checkpoint of a choice.
func (p *runPoints) find(c projector.Choice) (*shownRun, []*checkpoint.Manifest, int, error) {
	at := slices.IndexFunc(p.runs, func(r *shownRun) bool { return r.name == c.Run })
	if c.Run == "" {
		at = 0
	}
	if at < 0 {
		return nil, nil, 0, fmt.Errorf("no run is called %s", visible([]byte(c.Run)))
	}
	list, err := p.runs[at].list()
	if err != nil {
		return nil, nil, 0, err
	}
	step := len(list) - 1
	if c.Step != 0 {
		if step = slices.IndexFunc(list, func(m *checkpoint.Manifest) bool { return m.Step == c.Step }); step < 0 {
			return nil, nil, 0, fmt.Errorf("no checkpoint of step %d is left; the newest is of step %d", c.Step, list[len(list)-1].Step)
		}
	}
	return p.runs[at], list, step, nil
}

// Menu lists runs, what their points may be, and their checkpoints.
func (p *runPoints) Menu(c projector.Choice) (projector.Menu, projector.Choice, error) {
	r, list, at, err := p.find(c)
	if err != nil {
		return projector.Menu{}, c, err
	}
	menu := projector.Menu{Of: r.kinds(list[at])}
	for _, run := range p.runs {
		menu.Runs = append(menu.Runs, run.name)
	}
	for _, m := range list {
		menu.Steps = append(menu.Steps, m.Step)
	}
	c.Run, c.Step = r.name, list[at].Step
	switch {
	case len(menu.Of) == 0:
		return menu, c, fmt.Errorf("step %d of %s has no weight whose rows could be points", c.Step, c.Run)
	case c.Of == "":
		c.Of = menu.Of[0]
	case !slices.Contains(menu.Of, c.Of):
		return menu, c, fmt.Errorf("no points are called %s; there are %s", visible([]byte(c.Of)), strings.Join(menu.Of, ", "))
	}
	return menu, c, nil
}

// kinds are what the points of a checkpoint may be, the likeliest first: an embedding, the output's weight, features,
// other matrices.
func (r *shownRun) kinds(m *checkpoint.Manifest) (kinds []string) {
	var matrices []string
	for _, f := range m.Files {
		if f.Name != checkpoint.FileName(checkpoint.Weights) || r.leads && f.Size > leadingSize {
			continue
		}
		for _, t := range f.Tensors {
			if len(t.Shape) == 2 && t.Shape[0] > 1 && t.Shape[1] > 0 {
				matrices = append(matrices, t.Name)
			}
		}
	}
	embedding := slices.IndexFunc(matrices, isEmbedding)
	if embedding >= 0 {
		kinds = append(kinds, matrices[embedding])
	}
	if n := len(matrices); n > 0 && n-1 != embedding {
		kinds = append(kinds, matrices[n-1])
	}
	if file := r.file(); file != nil && !r.leads && file.Task.Kind != task.Next {
		for _, set := range []string{validation, trainingSet} {
			if setOf(file, set) != "" {
				kinds = append(kinds, featuresOf+set)
			}
		}
	}
	for _, name := range matrices {
		if !slices.Contains(kinds, name) {
			kinds = append(kinds, name)
		}
	}
	return kinds
}

// setOf is where a set of a run lies; empty where it is not here.
func setOf(file *runfile.File, set string) string {
	source := file.Data.Train
	if set == validation {
		source = file.Data.Valid
	}
	if _, err := os.Stat(source); err != nil && !samples.Registered(source) && !generated.Named(source) {
		return ""
	}
	return source
}

// Open reads a set. Its layouts are kept beside the checkpoints, or in this user's cache.
func (p *runPoints) Open(ctx context.Context, c projector.Choice, progress func(done, all int)) (*projector.Set, projector.Cache, error) {
	var none projector.Cache
	r, list, at, err := p.find(c)
	if err != nil {
		return nil, none, err
	}
	m, dir := list[at], objects.Join(r.dir, checkpoint.DirName(list[at].Step))
	o := projectFlags{most: cmp.Or(p.most, pageMost), threads: max(1, p.threads)}
	if r.leads {
		o.most = leadingMost
	}
	var set *projector.Set
	if name, features := strings.CutPrefix(c.Of, featuresOf); features {
		file := r.file()
		if file == nil || setOf(file, name) == "" {
			return nil, none, fmt.Errorf("the %s of %s is not here", name, r.name)
		}
		o.features = setOf(file, name)
		set, err = o.featurePoints(ctx, dir, m, progress)
	} else {
		o.of = c.Of
		set, err = o.weightPoints(dir, m)
	}
	if err != nil {
		return nil, none, err
	}
	if err := projection.Check(set.Points); err != nil {
		return nil, none, fmt.Errorf("%s: %w", set.Name, err)
	}
	home := r.dir
	if runfile.Stored(home) {
		home = ""
	}
	return set, projector.Cache{Dir: cacheDir(home)}, nil
}
