package history

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Falls are where the time of some steps went on the workers that told, each the JSON of an [api.WorkerWaterfall]: of the newest step and
// of some before. The zero value is ready.
type Falls struct {
	steps []uint64
	told  [][]fall // of each step, in the order of the workers' names
}

// fall is one worker's.
type fall struct {
	worker string
	packed []byte
}

// Add takes a worker's of a step, in the stead of what it told of it before. A worker that told of a later step has gone back, and the
// run with it: later steps go. What comes behind a later step, of a step that there is none of, is too late. Where there are too many
// steps, every second goes.
func (f *Falls) Add(worker string, step uint64, text []byte) {
	at, there := slices.BinarySearch(f.steps, step)
	later := at
	if there {
		later++
	}
	if slices.ContainsFunc(f.told[later:], func(of []fall) bool { _, told := find(of, worker); return told }) {
		f.keep(later)
	}
	if !there && at < len(f.steps) {
		return
	}
	if !there {
		f.steps, f.told = append(f.steps, step), append(f.told, nil)
	}
	of, one := f.told[at], fall{worker, pack(text)}
	if i, told := find(of, worker); told {
		of[i] = one
	} else if len(of) < api.MaxFallWorkers {
		f.told[at] = slices.Insert(of, i, one)
	}
	if len(f.steps) > MaxTexts {
		f.halve()
	}
}

// halve drops every second step; the newest stays.
func (f *Falls) halve() {
	var some Falls
	for i := range f.steps {
		if (len(f.steps)-1-i)%2 == 0 {
			some.steps, some.told = append(some.steps, f.steps[i]), append(some.told, f.told[i])
		}
	}
	*f = some
}

// keep keeps the first n steps.
func (f *Falls) keep(n int) {
	f.steps, f.told = slices.Delete(f.steps, n, len(f.steps)), slices.Delete(f.told, n, len(f.told))
}

// Cut drops those behind a step: the run went back to it.
func (f *Falls) Cut(step uint64) {
	n, there := slices.BinarySearch(f.steps, step)
	if there {
		n++
	}
	f.keep(n)
}

// Steps are those of which any worker told.
func (f *Falls) Steps() []uint64 { return slices.Clone(f.steps) }

// At is what the workers told of a step, or of the newest where the step is 0, in the order of their names; nil where none did.
func (f *Falls) At(step uint64) (texts [][]byte) {
	i, there := slices.BinarySearch(f.steps, step)
	if step == 0 && len(f.steps) > 0 {
		i, there = len(f.steps)-1, true
	}
	if !there {
		return nil
	}
	for _, one := range f.told[i] {
		if text, err := unpack(one.packed, api.MaxWaterfall); err == nil { // it was packed by Add
			texts = append(texts, text)
		}
	}
	return texts
}

// find is where the worker of a name is, or would be: worker-2 is before worker-10.
func find(of []fall, worker string) (int, bool) {
	return slices.BinarySearchFunc(of, worker, func(one fall, name string) int {
		return cmp.Or(cmp.Compare(len(one.worker), len(name)), strings.Compare(one.worker, name))
	})
}
