package zoo

import (
	"fmt"
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

// Info says what a kind is and which fields of the configuration it reads.
type Info struct {
	Kind   string
	About  string // one line
	Reads  string // Text or Images
	Fields []Field
}

// What a kind of model reads.
const (
	Text   = "text"
	Images = "images"
)

// Field is a field of the section `model` that a kind reads.
type Field struct {
	Name    string // as in the run file: "hidden"
	About   string // one line
	Allowed string // "1 to 65536"
}

type entry struct {
	info  Info
	build Constructor
}

var kinds = map[string]entry{}

// Register adds a kind of model. It is called from init functions, and panics
// when the kind is empty or taken.
func Register(kind string, info Info, build Constructor) {
	if _, taken := kinds[kind]; taken || kind == "" {
		panic(fmt.Sprintf("zoo: kind %q registered twice or empty", kind))
	}
	info.Kind = kind
	kinds[kind] = entry{info, build}
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
// names and shapes, but no memory yet.
func New(c Config) (Model, error) {
	k, ok := kinds[c.Kind]
	if !ok {
		var names []string
		for _, info := range Kinds() {
			names = append(names, info.Kind)
		}
		return nil, fmt.Errorf("model.kind: %q is not known; the zoo has %s", c.Kind, strings.Join(names, ", "))
	}
	return k.build(c)
}
