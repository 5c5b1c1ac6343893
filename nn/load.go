package nn

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// LoadOptions are the choices of [Params.Load]. The zero value takes every tensor, and wants
// every tensor.
type LoadOptions struct {
	// Skip are the weights that stay as they are, such as a head for other classes; tensors of
	// these names are passed over.
	Skip Names

	// Rename gives the model's name for that of an old file, after prefixes are off; nil: as it
	// is. See [OldDenseNetName].
	Rename func(name string) string
}

// LoadReport says what [Params.Load] did, or why it did nothing. Names are the model's.
type LoadReport struct {
	Prefix     string   // taken off every name of the file that has it: "module."
	Loaded     int      // tensors
	Converted  []string // those of another floating type: "fc.weight (F16)"
	Uncounted  []string // counters that the file lacks, as files of old do, and that are now 0
	Skipped    []string // weights that stay as they were, by LoadOptions.Skip
	Idle       []string // patterns of LoadOptions.Skip that pick neither a weight nor a tensor: spelling mistakes
	Missing    []Misfit // weights that the file lacks
	Unexpected []Misfit // tensors that the model lacks
	Mismatched []Misfit // of another shape or type
}

// Misfit is a tensor that does not fit. What a side lacks is "".
type Misfit struct {
	Name  string
	File  string // type and shape in the file: "F32[1000 512]"
	Model string // the same of the model

	hint string // what to do, in parentheses, or ""
}

// String says it for people.
func (m Misfit) String() string {
	name := safetensors.Shown(m.Name)
	switch {
	case m.File == "":
		return fmt.Sprintf("%s: %s in the model, not in the file", name, m.Model)
	case m.Model == "":
		return fmt.Sprintf("%s: %s in the file, not in the model", name, m.File)
	}
	return fmt.Sprintf("%s: %s in the file, %s in the model%s", name, m.File, m.Model, m.hint)
}

// hintOf says what tells a shape of TensorFlow's ports from that of the model, and what to do.
func hintOf(file, own []int) string {
	turned, n := slices.Clone(file), len(file)
	switch n {
	case 2, 3:
		slices.Reverse(turned)
	case 4:
		turned = []int{file[3], file[2], file[0], file[1]}
		if len(own) == 4 && own[1] == 1 { // depthwise, of file[3] outputs to an input
			turned = []int{file[2] * file[3], 1, file[0], file[1]}
		}
	}
	switch {
	case n > 1 && slices.Equal(turned, own) && !slices.Equal(file, own):
		return " (it lies as in TensorFlow: weights convert --layout tensorflow turns it)"
	case n > 0 && len(own) == n && file[0] == own[0]+1 && slices.Equal(file[1:], own[1:]):
		return " (a row more, as where a class of background comes first: weights convert --drop-first leaves that out)"
	}
	return ""
}

// Misfits are all tensors that do not fit.
func (r *LoadReport) Misfits() []Misfit { return slices.Concat(r.Mismatched, r.Missing, r.Unexpected) }

// elsewhere says under which prefix most of what is missing is in the file, or "".
func (r *LoadReport) elsewhere() string {
	missing, lengths, counts := map[string]string{}, map[int]bool{}, map[string]int{} // lengths: names of files are as long as they like
	for _, m := range r.Missing {
		missing[m.Name], lengths[len(m.Name)] = m.Model, true
	}
	for _, u := range r.Unexpected {
		for i, c := range u.Name {
			if c == '.' && lengths[len(u.Name)-i-1] && missing[u.Name[i+1:]] == u.File {
				counts[u.Name[:i+1]]++
			}
		}
	}
	for _, prefix := range slices.Sorted(maps.Keys(counts)) {
		if 2*counts[prefix] > len(r.Missing) {
			return fmt.Sprintf("; most of them are in the file under %q: weights convert IN OUT --strip %s takes it off", prefix, prefix)
		}
	}
	return ""
}

// err is nil when everything fits. It names a few of what does not; the report has all.
func (r *LoadReport) err() error {
	all := r.Misfits()
	if len(all) == 0 {
		return nil
	}
	const most = 8 // of each sort
	var shown []string
	for _, sort := range [][]Misfit{r.Mismatched, r.Missing, r.Unexpected} {
		for _, m := range sort[:min(most, len(sort))] {
			shown = append(shown, m.String())
		}
	}
	more := ""
	if n := len(all) - len(shown); n > 0 {
		more = fmt.Sprintf("; and %d more", n)
	}
	more += r.elsewhere()
	return fmt.Errorf("nn: %s of the weights %s not fit: %s%s", count(len(all), "tensor"),
		map[bool]string{true: "does", false: "do"}[len(all) == 1], strings.Join(shown, "; "), more)
}

// Load sets all weights from a source such as a file of PyTorch. Names are PyTorch's; a prefix
// "module.", "_orig_mod." or "model." that most of them have is taken off when the model's names
// have it not. Tensors of F16, BF16 and F64 are converted, shapes may differ in ones at their
// ends, and counters may be missing. When
// something else does not fit, it returns an error, and the weights are as they were; the report
// lists all of it. An error of reading leaves some of the weights changed.
func (ps *Params) Load(source safetensors.Source, options LoadOptions) (*LoadReport, error) {
	l, err := ps.matched(source, options)
	if err != nil {
		return l.report, err
	}
	defer ps.Changed()
	for _, own := range ps.Tensors() {
		if err := l.take(own); err != nil {
			return l.report, err
		}
	}
	return l.report, nil
}

// Fits reports what Load would do, as far as names, types and shapes tell, and returns the error
// that they would give. It reads no elements, and the parameters need no memory.
func (ps *Params) Fits(source safetensors.Source, options LoadOptions) (*LoadReport, error) {
	l, err := ps.matched(source, options)
	return l.report, err
}

func (ps *Params) matched(source safetensors.Source, options LoadOptions) (*loading, error) {
	l := &loading{ps: ps, source: source, options: options, report: &LoadReport{}, from: map[string]string{}}
	return l, l.match()
}

// loading is one call of Load.
type loading struct {
	ps      *Params
	source  safetensors.Source
	options LoadOptions
	report  *LoadReport
	from    map[string]string // the file's names by the model's
	unread  map[string]safetensors.Unread
}

// match finds which tensor each weight takes.
func (l *loading) match() error {
	if err := l.names(); err != nil {
		return err
	}
	r := l.report
	for _, own := range l.ps.infos() {
		counter := own.DType == safetensors.I64
		name, there := l.from[own.Name]
		switch {
		case l.options.Skip.Match(own.Name):
			r.Skipped = append(r.Skipped, own.Name)
			delete(l.from, own.Name)
			continue
		case !there && l.unread[own.Name].What != "":
			u := l.unread[own.Name]
			r.Mismatched = append(r.Mismatched, Misfit{own.Name, u.What, described(own.DType, own.Shape), " (" + u.Hint() + ")"})
			continue
		case !there && counter:
			r.Uncounted = append(r.Uncounted, own.Name)
			continue
		case !there:
			r.Missing = append(r.Missing, Misfit{Name: own.Name, Model: described(own.DType, own.Shape)})
			continue
		}
		info, _ := l.source.Info(name)
		sameType := info.DType == own.DType || info.DType.Floating() && own.DType.Floating()
		if !sameType || !sameShape(info.Shape, own.Shape) {
			r.Mismatched = append(r.Mismatched, Misfit{own.Name, described(info.DType, info.Shape), described(own.DType, own.Shape), hintOf(info.Shape, own.Shape)})
		}
	}
	for _, name := range l.source.Names() {
		as := l.called(name)
		if l.ps.names[as] || l.options.Skip.Match(as) || strings.HasSuffix(as, ".num_batches_tracked") || as == averaged {
			continue
		}
		info, _ := l.source.Info(name)
		r.Unexpected = append(r.Unexpected, Misfit{Name: as, File: described(info.DType, info.Shape)})
	}
	r.Idle = l.options.Skip.idle(func(yield func(string) bool) {
		for name := range l.ps.names {
			if !yield(name) {
				return
			}
		}
		for _, name := range l.source.Names() {
			if !yield(l.called(name)) {
				return
			}
		}
	})
	return r.err()
}

// sameShape says whether shapes are the same but for ones at the end: a layer scale of [96] is
// one of [96, 1, 1], a linear layer [10, 96] a convolution of [10, 96, 1, 1].
func sameShape(a, b []int) bool {
	bare := func(shape []int) []int {
		for len(shape) > 0 && shape[len(shape)-1] == 1 {
			shape = shape[:len(shape)-1]
		}
		return shape
	}
	return slices.Equal(bare(a), bare(b))
}

func described(d safetensors.DType, shape []int) string { return fmt.Sprintf("%s%v", d, shape) }

// prefixes are put before all names by wrappers of modules: DataParallel, torch.compile, a
// training script's own module.
var prefixes = []string{"module.", "_orig_mod.", "model."}

// averaged is how many weights an average is of, which PyTorch's AveragedModel saves beside them.
const averaged = "n_averaged"

// names finds the prefix under which most of the model's names are in the file, and maps the
// names of both.
func (l *loading) names() error {
	all := l.source.Names()
	best, most := "", l.known(all)
	for range 8 { // wrappers within each other
		if !l.strip(all) {
			break
		}
		if n := l.known(all); n > most {
			best, most = l.report.Prefix, n
		}
	}
	l.report.Prefix = best
	for _, name := range all {
		as := l.called(name)
		if other, twice := l.from[as]; twice {
			return fmt.Errorf("nn: tensors %s and %s of the weights are both the model's %s", other, name, as)
		}
		l.from[as] = name
	}
	l.unread = map[string]safetensors.Unread{}
	for name, u := range safetensors.UnreadOf(l.source) {
		l.unread[l.called(name)] = u
	}
	return nil
}

// strip adds a prefix that most names go on with to the one taken off. Wrappers have tensors of their own
// beside those of the network: averages of weights their count, a training script those of its loss.
func (l *loading) strip(all []string) bool {
	for _, p := range prefixes {
		longer, n := l.report.Prefix+p, 0
		for _, name := range all {
			if strings.HasPrefix(name, longer) {
				n++
			}
		}
		if 2*n > len(all) {
			l.report.Prefix = longer
			return true
		}
	}
	return false
}

// known is how many of the file's names are the model's.
func (l *loading) known(all []string) int {
	n := 0
	for _, name := range all {
		if l.ps.names[l.called(name)] {
			n++
		}
	}
	return n
}

// called is the model's name for one of the file.
func (l *loading) called(name string) string {
	name = strings.TrimPrefix(name, l.report.Prefix)
	if l.options.Rename != nil {
		return l.options.Rename(name)
	}
	return name
}

// take copies the tensor that is to be a weight.
func (l *loading) take(own safetensors.Tensor) error {
	if l.options.Skip.Match(own.Name) {
		return nil
	}
	name, there := l.from[own.Name]
	if !there {
		clear(own.Data.([]int64))
		return nil
	}
	t, err := l.source.Read(name)
	if err != nil {
		return err
	}
	if t.Len() != own.Len() {
		return fmt.Errorf("nn: tensor %s has %d elements, but its shape is %v", name, t.Len(), own.Shape)
	}
	if d := t.DType(); d != own.DType() {
		l.report.Converted = append(l.report.Converted, fmt.Sprintf("%s (%s)", own.Name, d))
		if t, err = t.As(own.DType()); err != nil {
			return fmt.Errorf("nn: %w", err)
		}
	}
	switch dst := own.Data.(type) {
	case []float32:
		copy(dst, t.Data.([]float32))
	case []int64:
		copy(dst, t.Data.([]int64))
	}
	l.report.Loaded++
	return nil
}
