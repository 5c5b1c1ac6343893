package runfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// OfKind returns a file that nothing is said in but the kind of its model and sets (each "field=value", from --set): for
// those who look at a network rather than train it. Each set must be possible by itself, and be of what such a network is or
// reads. It is not a run file that could be trained, as it names no data.
func OfKind(kind string, sets []string) (*File, error) {
	f := &File{Name: kind}
	setDefaults(f)
	err := beginKinds(f, func(path string) (string, place, bool) {
		return kind, place{}, path == "model.kind"
	})
	if err != nil {
		want := err.(*Error)
		return nil, fmt.Errorf("there is no kind of model %s; there is %s", want.Found, want.Want)
	}
	given := map[string]place{}
	for _, s := range sets {
		if err := override(f, s, given); err != nil {
			return nil, err
		}
	}
	if err := f.CheckLists(sets); err != nil {
		return nil, err
	}
	fillDerived(f, func(path string) bool { _, ok := given[path]; return ok })
	list := f.all()
	for i := range list {
		d := &list[i]
		at, set := given[d.path]
		if !set {
			continue
		}
		if want := cmp.Or(d.ofTraining(), d.misplaced(f), d.impossible(f)); want != "" {
			return nil, at.blame(d.path, found(d, f), want)
		}
	}
	return f, nil
}

// ofTraining says what is wanted in place of a field that only who trains or loads a network reads, or nothing when it is of the network
// itself or of what it reads.
func (d *field) ofTraining() string {
	const want = "nothing: it is of training, and a network by itself has model.*, task.*, batch.length, data.mean, data.deviation and data.augment"
	section, _, _ := strings.Cut(d.path, ".")
	switch {
	case slices.Contains([]string{"model.weights", "model.weights_skip", "model.freeze", "model.rates", "model.final_bias"}, d.path):
		return want
	case section == "model", section == "task":
		return ""
	case slices.Contains([]string{"batch.length", "data.mean", "data.deviation", "data.augment"}, d.path):
		return ""
	}
	return want
}
