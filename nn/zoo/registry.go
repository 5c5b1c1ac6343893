package zoo

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/nn"
)

// Config describes a model: the section `model` of a run file.
type Config struct {
	Kind       string  // a registered kind: "charlm"
	Cell       string  // one of nn.Cells
	Vocab      int     // number of symbols; 256 for bytes
	Hidden     int     // units of each recurrent layer
	Layers     int     // recurrent layers
	Embed      int     // width of the embedding
	Dropout    float32 // rate in [0, 1)
	WeightNorm bool    // weight normalization of the recurrent matrices; mlstm only

	Classes  int // of images
	Image    int // height and width of the images, pixels
	Channels int // of the images: 1 for grey, 3 for colour
}

// Model is a network: a [SequenceModel] or an [ImageModel].
type Model interface {
	// Config returns what the model was made from.
	Config() Config

	// Params returns the parameters. Their memory is the caller's affair:
	// Params().Allocate before the first use.
	Params() *nn.Params
}

// ImageModel is a network that tells classes of images apart.
type ImageModel interface {
	Model

	// Forward records the logits [L*R, Classes] for the images on the tape.
	Forward(t *nn.Tape, images *nn.Images) *nn.Node
}

// SequenceModel is a network that reads tokens and predicts the next ones.
type SequenceModel interface {
	Model

	// Forward records the logits [T*L*R, Vocab] for the tokens' inputs on the
	// tape. The recurrent layers start from the current states and write the
	// next.
	Forward(t *nn.Tape, tokens *nn.Tokens, states *nn.States) *nn.Node
}

// Constructor builds a model. It returns an error that names the field when the
// configuration is bad.
type Constructor func(Config) (Model, error)

// Info says what a kind is and which fields of the configuration it reads. The
// run file's checks, its defaults, what is printed of it and what decides bits
// follow from it.
type Info struct {
	Kind   string
	About  string  // one line
	Reads  string  // Text or Images
	Fields []Field // others may not be given in a run file
	// Defaults are the values of what a run file leaves out, of Fields or not.
	// What is zero here has the run file's general default.
	Defaults Config
	// Rounding is the release since which the kind's sums are taken in the order
	// of now, when they once were taken in another; empty: ever since. A
	// checkpoint from before cannot go on to the bits of one run.
	Rounding string
}

// Has reports whether the kind reads the field of that name.
func (i Info) Has(field string) bool {
	return slices.ContainsFunc(i.Fields, func(f Field) bool { return f.Name == field })
}

// Names are the names of the fields that the kind reads.
func (i Info) Names() []string {
	var names []string
	for _, f := range i.Fields {
		names = append(names, f.Name)
	}
	return names
}

// What a kind of model reads.
const (
	Text   = "text"
	Images = "images"
)

// Field is a field of the section `model` that a kind reads.
type Field struct {
	Name    string // as in the run file, one of FieldNames: "hidden"
	About   string // one line
	Allowed string // "1 to 65536"
}

// FieldNames are the names that a [Field] may have: those of [Config]'s fields
// in a run file, but for kind.
var FieldNames = []string{"cell", "hidden", "layers", "embed", "dropout", "weight_norm", "vocab", "classes", "image", "channels"}

type entry struct {
	info  Info
	build Constructor
}

var kinds = map[string]entry{}

// Register adds a kind of model. It is called from init functions or at the
// beginning of main, and panics when the kind is empty or taken, when it reads
// neither text nor images, or when it has a field that no run file has.
func Register(kind string, info Info, build Constructor) {
	_, taken := kinds[kind]
	switch {
	case taken || kind == "":
		panic(fmt.Sprintf("zoo: kind %q registered twice or empty", kind))
	case info.Reads != Text && info.Reads != Images:
		panic(fmt.Sprintf("zoo: kind %q reads %q; give Info.Reads zoo.Text or zoo.Images", kind, info.Reads))
	case build == nil:
		panic(fmt.Sprintf("zoo: kind %q has no constructor", kind))
	}
	for _, f := range info.Fields {
		if !slices.Contains(FieldNames, f.Name) {
			panic(fmt.Sprintf("zoo: kind %q has the field %q; a run file has %s", kind, f.Name, strings.Join(FieldNames, ", ")))
		}
	}
	info.Kind = kind
	kinds[kind] = entry{info, build}
}

// Lookup finds a registered kind.
func Lookup(kind string) (info Info, ok bool) {
	k, ok := kinds[kind]
	return k.info, ok
}

// Names returns the names of all registered kinds, in order.
func Names() []string {
	return slices.Sorted(maps.Keys(kinds))
}

// Kinds returns all registered kinds, by name.
func Kinds() []Info {
	var list []Info
	for _, k := range kinds {
		list = append(list, k.info)
	}
	slices.SortFunc(list, func(a, b Info) int { return strings.Compare(a.Kind, b.Kind) })
	return list
}

// New builds the model that the configuration describes. Its parameters have
// names and shapes, but no memory yet. A constructor that panics is a
// *PanicError.
func New(c Config) (m Model, err error) {
	defer Recover(c.Kind, &err)
	k, ok := kinds[c.Kind]
	if !ok {
		return nil, fmt.Errorf("model.kind: %q is not known; the zoo has %s", c.Kind, strings.Join(Names(), ", "))
	}
	if m, err = k.build(c); err != nil {
		return nil, err
	}
	return m, k.fits(c, m)
}

// fits says in what a model that was built differs from what its kind promises.
func (k entry) fits(c Config, m Model) error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("model.kind: "+format, append([]any{c.Kind}, args...)...)
	}
	if m == nil {
		return wrong("the constructor of %s returns neither a model nor an error")
	}
	if _, text := m.(SequenceModel); k.info.Reads == Text && !text {
		return wrong("%s is registered as a reader of text, but a %T is no zoo.SequenceModel", m)
	}
	if _, images := m.(ImageModel); k.info.Reads == Images && !images {
		return wrong("%s is registered as a reader of images, but a %T is no zoo.ImageModel", m)
	}
	if m.Params() == nil {
		return wrong("a model of kind %s has no parameters: its Params returns nil")
	}
	if m.Config() != c {
		return wrong("a model of kind %s was made from %+v, but its Config returns %+v", c, m.Config())
	}
	return nil
}
