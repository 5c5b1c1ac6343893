package past

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sort"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/web"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// Library is several runs, by name.
type Library struct {
	names []string
	runs  map[string]*Run
}

// OpenAll reads the runs in directories. A run is called by the last part of
// its directory's path, or by the whole where another is called so.
func OpenAll(dirs []string, now func() time.Time) (*Library, error) {
	l := &Library{runs: map[string]*Run{}}
	count := map[string]int{} // directories that are called so
	for _, dir := range dirs {
		count[filepath.Base(dir)]++
	}
	for _, dir := range dirs {
		name := filepath.Base(dir)
		if count[name] > 1 {
			name = filepath.Clean(dir)
		}
		if l.runs[name] != nil {
			return nil, fmt.Errorf("%s is given twice", dir)
		}
		r, err := Open(dir, now)
		if err != nil {
			return nil, err
		}
		l.names, l.runs[name] = append(l.names, name), r
	}
	return l, nil
}

// First is the run that was given first.
func (l *Library) First() *Run { return l.runs[l.names[0]] }

// Names are the names of the runs, in the order in which they were given.
func (l *Library) Names() []string { return slices.Clone(l.names) }

// Source is the run of a name.
func (l *Library) Source(name string) (web.Source, bool) {
	r, ok := l.runs[name]
	return r, ok
}

// Same compares each other run with a base; there are none where no run is
// called so.
func (l *Library) Same(base string) (list []api.Same) {
	with, ok := l.runs[base]
	if !ok {
		return nil
	}
	t := with.traces()
	for _, name := range l.names {
		if name != base {
			s := compare(t, l.runs[name].traces())
			s.A, s.B = base, name
			list = append(list, s)
		}
	}
	return list
}

// Fields are the fields of a run's file that decide its bits, and the others;
// nil where it left neither a checkpoint nor its file.
func (l *Library) Fields(name string) (bits, others map[string]string) {
	r := l.runs[name]
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, file := r.described(); file != nil {
		bits, others = file.Bits(), file.Fields()
	}
	if n := len(r.manifests); n > 0 {
		bits = maps.Clone(r.manifests[n-1].Bits)
	}
	for path := range bits {
		delete(others, path)
	}
	return bits, others
}

// traces are what a run tells of its bits, by steps applied.
type traces struct {
	marks     map[uint64]string
	manifests map[uint64]*checkpoint.Manifest
}

func (r *Run) traces() traces {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := traces{marks: checkpoint.Marks(r.journal), manifests: map[uint64]*checkpoint.Manifest{}}
	for _, m := range r.manifests {
		t.manifests[m.Step] = m
	}
	return t
}

// compare finds the last step after which two runs are known to have the same
// bits before they are known to differ, and what differs first.
func compare(a, b traces) (s api.Same) {
	steps := map[uint64]bool{}
	for step := range a.marks {
		steps[step] = b.marks[step] != ""
	}
	for step := range a.manifests {
		steps[step] = steps[step] || b.manifests[step] != nil
	}
	for _, step := range slices.Sorted(maps.Keys(steps)) {
		if !steps[step] {
			continue
		}
		if what := differs(a, b, step); what != "" {
			s.Differs, s.What = step, what
			return s
		}
		s.To = step
	}
	return s
}

// differs says what of two runs is not the same after a step; empty: nothing
// that they tell of.
func differs(a, b traces, step uint64) string {
	if m, n := a.manifests[step], b.manifests[step]; m != nil && n != nil && m.Digest != n.Digest {
		if name := firstTensor(m, n); name != "" {
			return name
		}
		return "the digests of the checkpoints"
	}
	if x, y := a.marks[step], b.marks[step]; x != "" && y != "" && x != y {
		return "the marks of the weights"
	}
	return ""
}

// firstTensor is the first tensor, in the order of the weights' file and those
// behind it, that one of two checkpoints has with other bits.
func firstTensor(a, b *checkpoint.Manifest) string {
	theirs := map[string]string{}
	for _, f := range b.Files {
		for _, t := range f.Tensors {
			theirs[f.Name+" "+t.Name] = t.SHA256
		}
	}
	weights := func(f checkpoint.FileInfo) int {
		if f.Name == checkpoint.FileName(checkpoint.Weights) {
			return 0
		}
		return 1
	}
	files := slices.Clone(a.Files)
	sort.SliceStable(files, func(i, j int) bool { return weights(files[i]) < weights(files[j]) })
	for _, f := range files {
		for _, t := range f.Tensors {
			if hash, there := theirs[f.Name+" "+t.Name]; there && hash != t.SHA256 {
				return t.Name
			}
		}
	}
	return ""
}
