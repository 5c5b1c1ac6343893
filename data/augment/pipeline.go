package augment

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/rondo-ml/rondo/data/picture"
)

// Kind is what a pipeline works on.
type Kind int

// The kinds. A pipeline of operations that suit both is Either.
const (
	Either Kind = iota
	Images
	Sounds
)

func (k Kind) String() string { return [...]string{"images or sounds", "images", "sounds"}[k] }

// Op describes an operation.
type Op struct {
	Name   string
	Kind   Kind
	Doc    string
	Params []Param
	phase  phase
}

// Param describes a parameter of an operation.
type Param struct {
	Name    string
	Default string // as text; none for a parameter that must be given
	Doc     string
}

// Ops lists the operations.
func Ops() []Op {
	all := make([]Op, len(specs))
	for i, s := range specs {
		all[i] = s.Op
	}
	return all
}

// phase is when an operation works.
type phase int

const (
	onSample phase = iota // on pixels or waveforms
	onValues              // on normalized values
	onLane                // on the rows of a lane
)

// spec is an operation with what builds it.
type spec struct {
	Op
	build func(*args) action
}

// action is an operation with its parameters.
type action interface {
	run(r *runner, d *draws)
}

// fixed is an action without chance.
type fixed interface {
	action
	fixed()
}

// sizer is an action that changes the size of images. Zero stands for a side that differs from image to image.
type sizer interface {
	size(height, width int) (int, int)
}

// resized is an action that can aim for another size: its parameter size.
type resized interface {
	at(s size) action
}

// stage is one place of a pipeline.
type stage struct {
	spec *spec
	text string // canonical
	act  action
}

// Pipeline is a list of operations. It does not change and is safe for concurrent use.
type Pipeline struct {
	stages []stage
	kind   Kind
	mixers []mixer // of the stages of the last phase

	mu   sync.Mutex
	idle []*runner
}

// add appends a stage, which must fit those before it.
func (p *Pipeline) add(s stage) error {
	if s.spec.Kind != Either && p.kind != Either && s.spec.Kind != p.kind {
		return fmt.Errorf("%s works on %s, and operations before it on %s", s.spec.Name, s.spec.Kind, p.kind)
	}
	if n := len(p.stages); n > 0 && p.stages[n-1].spec.phase > s.spec.phase {
		return fmt.Errorf("%s must stand before %s, which works on its result", s.spec.Name, p.stages[n-1].spec.Name)
	}
	if s.spec.Kind != Either {
		p.kind = s.spec.Kind
	}
	if s.spec.phase == onLane {
		for _, m := range p.stages {
			if m.spec == s.spec {
				return fmt.Errorf("%s is there twice", s.spec.Name)
			}
		}
		p.mixers = append(p.mixers, s.act.(mixer))
	}
	p.stages = append(p.stages, s)
	return nil
}

// String is the list with every parameter in one form: it decides the bits. [Parse] reads it back.
func (p *Pipeline) String() string {
	texts := make([]string, len(p.stages))
	for i, s := range p.stages {
		texts[i] = s.text
	}
	return strings.Join(texts, ", ")
}

// Kind says what the pipeline works on.
func (p *Pipeline) Kind() Kind { return p.kind }

var sizeText = regexp.MustCompile(` size=\S+`)

// Mixes says whether rows are mixed, so that lanes need two rows or more.
func (p *Pipeline) Mixes() bool { return len(p.mixers) > 0 }

// Random says whether results depend on chance.
func (p *Pipeline) Random() bool {
	for _, s := range p.stages {
		if _, ok := s.act.(fixed); !ok {
			return true
		}
	}
	return false
}

// Size is the height and width of what images of a size become. Zero stands, here and there, for a side that differs
// from image to image.
func (p *Pipeline) Size(height, width int) (int, int) {
	for _, s := range p.stages {
		if z, ok := s.act.(sizer); ok {
			height, width = z.size(height, width)
		}
	}
	return height, width
}

// At is the pipeline for another size of images: the last operation that aims for a size aims for this one. An error
// says that no operation does.
func (p *Pipeline) At(height, width int) (*Pipeline, error) {
	if height < 1 || width < 1 || height > maxSide || width > maxSide {
		return nil, fmt.Errorf("augment: images of %dx%d, want sides from 1 to %d", height, width, maxSide)
	}
	q := &Pipeline{}
	aimed := false
	for i := len(p.stages) - 1; i >= 0; i-- {
		s := p.stages[i]
		if a, ok := s.act.(resized); ok && !aimed {
			s.act = a.at(size{height, width})
			s.text = sizeText.ReplaceAllString(s.text, fmt.Sprintf(" size=%dx%d", height, width))
			aimed = true
		}
		q.stages = append([]stage{s}, q.stages...)
	}
	if !aimed {
		return nil, fmt.Errorf("augment: no operation of %q makes images of one size; add crop, center-crop, random-resized-crop or resize", p)
	}
	q.kind, q.mixers = p.kind, p.mixers
	return q, nil
}

// runner is the scratch memory of one goroutine at work.
type runner struct {
	image, mask plane
	masked      bool // whether there is a mask
	resizer     picture.Resizer
	table       [3][256]byte
	steps       [512]int16
	sound       [2][]float32
	values      tensor3
	draws       draws // of the operation at work: a variable of its own would escape
}

// tensor3 is normalized values [height, width, channels].
type tensor3 struct {
	data                    []float32
	height, width, channels int
}

func (p *Pipeline) take() *runner {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		r := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return r
	}
	return &runner{}
}

func (p *Pipeline) give(r *runner) {
	r.image.now, r.mask.now, r.values = picture.Picture{}, picture.Picture{}, tensor3{} // the caller's
	p.mu.Lock()
	p.idle = append(p.idle, r)
	p.mu.Unlock()
}
