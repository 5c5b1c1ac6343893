package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/rondo-ml/rondo/cmd/inside"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/cutting"
	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/generated"
	"github.com/rondo-ml/rondo/data/picture"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/worker"
)

// inputGroup is samples that a model is asked about together: those of a set or a batch, lines of a text, or one file.
type inputGroup struct {
	set   samples.Source
	names []string // of the samples; nil: the set's own
	tiled *tiling  // the samples are tiles of one picture
}

// tiling is how a picture was cut into samples.
type tiling struct {
	height, width int      // of the picture
	corners       [][2]int // row and column of each sample's first pixel
}

// memorySet is samples in memory.
type memorySet struct {
	schema samples.Schema
	list   []samples.Sample
}

func (s *memorySet) Len() int                         { return len(s.list) }
func (s *memorySet) Schema() samples.Schema           { return s.schema }
func (s *memorySet) At(i int) (samples.Sample, error) { return s.list[i], nil }
func (s *memorySet) Hash() string                     { return "" }

// predictInputs makes samples of what the user names.
type predictInputs struct {
	p      *worker.Predictor
	stdin  io.Reader
	preset *zoo.Preset // --preset; nil: none
	others bool        // the weights are of others: no data say how large pictures are
}

// maxInput bounds a file that is read whole.
const maxInput = 1 << 30

// within returns what an input stands for: of a directory that is no set of shards the files in it, however deep, that are
// named as what the model reads, in the order of names; else itself.
func (in *predictInputs) within(given string) []string {
	named := in.named()
	if info, err := os.Stat(given); named == nil || err != nil || !info.IsDir() {
		return []string{given}
	}
	found, _, err := files.Find(files.Options{}, []string{given})
	if err != nil {
		return []string{given} // a set, or open says what is wrong
	}
	var paths []string
	for _, f := range found {
		if named(f.Path) {
			paths = append(paths, f.Path)
		}
	}
	if paths == nil {
		return []string{given}
	}
	return paths
}

// named says of a path whether it is named as what the model reads; nil where files hold no such thing.
func (in *predictInputs) named() func(path string) bool {
	part, err := in.reads()
	if err != nil {
		return nil
	}
	ending := ".txt"
	switch part.Holds.(type) {
	case *nn.Images:
		return cutting.NamedPicture
	case *nn.Tokens:
	default:
		if known := in.p.Part(part.Name); known == nil || known.Rate == 0 {
			return nil
		}
		ending = ".wav"
	}
	return func(path string) bool { return strings.EqualFold(filepath.Ext(path), ending) }
}

// open makes samples of one input. Errors name it.
func (in *predictInputs) open(given string) (groups []inputGroup, err error) {
	if given == "-" {
		const name = "standard input"
		if groups, err = in.lines(name, in.stdin); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return groups, nil
	}
	if samples.Registered(given) || generated.Named(given) || runfile.Stored(given) {
		return in.shards(given)
	}
	info, err := os.Stat(given)
	switch {
	case errors.Is(err, fs.ErrNotExist) && in.readsText() && !strings.HasSuffix(given, ".txt"):
		return in.texts([]string{given}, []string{given})
	case err != nil:
		return nil, err
	case info.IsDir():
		return in.shards(given)
	case isTensors(given):
		return in.tensors(given)
	}
	b, err := readInput(given, info)
	if err != nil {
		return nil, err
	}
	if groups, err = in.file(given, b); err != nil {
		return nil, fmt.Errorf("%s: %w", given, err)
	}
	return groups, nil
}

func readInput(path string, info fs.FileInfo) ([]byte, error) {
	if !info.Mode().IsRegular() || info.Size() > maxInput {
		return nil, fmt.Errorf("%s: a file of at most %d bytes is wanted", path, maxInput)
	}
	return os.ReadFile(path)
}

// shards opens a set.
func (in *predictInputs) shards(source string) ([]inputGroup, error) {
	set, err := in.p.Open(source)
	if err != nil {
		return nil, err
	}
	if err := in.p.NumberedAs(set.Schema()); err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	g := inputGroup{set: set}
	if set.Schema().Part("name") < 0 {
		for i := range set.Len() {
			g.names = append(g.names, fmt.Sprintf("%s:%d", source, i))
		}
	}
	return []inputGroup{g}, nil
}

// reads is the one part of the data that the model reads, or an error for a model of several.
func (in *predictInputs) reads() (nn.Part, error) {
	parts := in.p.Reads()
	if len(parts) != 1 {
		var names []string
		for _, p := range parts {
			names = append(names, p.Name)
		}
		return nn.Part{}, fmt.Errorf("the model reads %s together; give a set, or a .safetensors file with a tensor for each", strings.Join(names, ", "))
	}
	return parts[0], nil
}

func (in *predictInputs) readsText() bool {
	part, err := in.reads()
	_, is := part.Holds.(*nn.Tokens)
	return err == nil && is
}

// file makes samples of a file's bytes, by what the model reads.
func (in *predictInputs) file(name string, b []byte) ([]inputGroup, error) {
	part, err := in.reads()
	if err != nil {
		return nil, err
	}
	switch holds := part.Holds.(type) {
	case *nn.Images:
		return in.picture(name, b, part.Name, holds)
	case *nn.Tokens:
		return in.lines(name, strings.NewReader(string(b)))
	}
	known := in.p.Part(part.Name)
	switch {
	case known == nil && part.Name == "sound":
		return nil, errors.New("the checkpoint does not say at which rate its sounds are; name a set that does by --like")
	case known != nil && known.Rate > 0 && len(known.Shape) == 1:
		v, err := cutting.OneSound(b, *known)
		if err != nil {
			return nil, err
		}
		return one(*known, name, v), nil
	}
	return nil, fmt.Errorf("the model reads %s, which no such file holds; give a set, or a .safetensors file with the tensor %s", part.Name, part.Name)
}

func one(part samples.Part, name string, v samples.Value) []inputGroup {
	set := &memorySet{schema: samples.Schema{Parts: []samples.Part{part}}, list: []samples.Sample{{v}}}
	return []inputGroup{{set: set, names: []string{name}}}
}

// picture makes a sample of a picture, or several tiles where its pixels are told apart.
func (in *predictInputs) picture(name string, b []byte, of string, holds *nn.Images) ([]inputGroup, error) {
	part := samples.Part{Name: of, Element: samples.Uint8, Shape: []int{samples.Varies, samples.Varies, holds.Channels}}
	if known := in.p.Part(of); known != nil && len(known.Shape) == 3 {
		part = *known
	} else if in.others && in.p.Makes(holds.Height, holds.Width) {
		// data.augment says how pictures come to the network's size, and wants them whole
	} else if in.p.Keeps(holds.Height, holds.Width) {
		part.Shape = []int{holds.Height, holds.Width, holds.Channels}
	}
	if in.others {
		part.Chroma = samples.Interpolate // as it was for the networks of nearly all others
	}
	if in.preset != nil {
		v, err := presetPicture(b, part, in.preset)
		if err != nil {
			return nil, err
		}
		return one(samples.Part{Name: of, Element: samples.Uint8, Shape: v.Shape}, name, v), nil
	}
	height, width := part.Shape[0], part.Shape[1]
	if in.p.File.Task.Kind != task.Pixels || height < 1 || width < 1 || !in.p.Keeps(height, width) {
		p, err := cutting.OnePicture(b, part, 0)
		if err != nil {
			return nil, err
		}
		return one(part, name, samples.Value{Shape: []int{p.Height, p.Width, p.Channels}, Data: p.Pixels}), nil
	}
	p, err := cutting.DecodePicture(b, part, 0)
	if err != nil {
		return nil, err
	}
	if p.Height < height || p.Width < width {
		return nil, fmt.Errorf("%d×%d pixels, and the model reads %d×%d; enlarge it, or set model.height and model.width for smaller ones", p.Width, p.Height, width, height)
	}
	return []inputGroup{tiles(name, part, p, height, width)}, nil
}

// tiles cuts a picture into samples of one size.
func tiles(name string, part samples.Part, p *picture.Picture, height, width int) inputGroup {
	set, t := &memorySet{schema: samples.Schema{Parts: []samples.Part{part}}}, &tiling{height: p.Height, width: p.Width}
	for _, top := range cutting.Corners(p.Height, height) {
		for _, left := range cutting.Corners(p.Width, width) {
			tile := p.Crop(top, left, height, width)
			set.list = append(set.list, samples.Sample{{Shape: []int{height, width, p.Channels}, Data: tile.Pixels}})
			t.corners = append(t.corners, [2]int{top, left})
		}
	}
	return inputGroup{set: set, names: []string{name}, tiled: t}
}

// lines makes a sample of each line that is not empty.
func (in *predictInputs) lines(name string, r io.Reader) ([]inputGroup, error) {
	if !in.readsText() {
		return nil, errors.New("the model reads no text")
	}
	var texts, names []string
	s := bufio.NewScanner(r)
	s.Buffer(nil, maxInput)
	for line := 1; s.Scan(); line++ {
		if !utf8.Valid(s.Bytes()) {
			return nil, fmt.Errorf("line %d is no text in UTF-8", line)
		}
		if text := strings.TrimSpace(s.Text()); text != "" {
			texts, names = append(texts, text), append(names, fmt.Sprintf("%s:%d", filepath.Base(name), line))
		}
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	return in.texts(texts, names)
}

// texts makes a sample of each text: bytes, or the numbers of its words.
func (in *predictInputs) texts(texts, names []string) ([]inputGroup, error) {
	if _, err := in.reads(); err != nil {
		return nil, err
	}
	set, err := inside.TextSet(in.p, texts...)
	if err != nil {
		return nil, fmt.Errorf("%w; name a set that does by --like", err)
	}
	return []inputGroup{{set: set, names: names}}, nil
}
