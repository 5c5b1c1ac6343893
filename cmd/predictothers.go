package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/cutting"
	"github.com/rondo-ml/rondo/data/picture"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/numpy"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/worker"
)

// othersFlags are the flags of `rondo predict` and `rondo export` for weights of others.
type othersFlags struct {
	kind, weights, preset, classes string
	set                            []string
}

func (o *othersFlags) add(f *pflag.FlagSet) {
	o.addNetwork(f)
	f.StringVar(&o.classes, "classes", "", "`FILE` with the name of a class on every line")
}

// addNetwork adds the flags of those who want the network alone.
func (o *othersFlags) addNetwork(f *pflag.FlagSet) {
	f.StringVar(&o.kind, "kind", "", "`KIND` of the zoo, with --weights in place of DIR")
	f.StringVar(&o.weights, "weights", "", "`FILE` of weights for --kind: .safetensors, .pth")
	f.StringVar(&o.preset, "preset", "", "`NAME` of published weights whose resize, crop, mean and deviation pictures get; none: pixels as data.mean says")
	f.StringArrayVar(&o.set, "set", nil, "a field for --kind, as `model.classes=10` (may be given several times)")
}

// noPreset is the name of no preset.
const noPreset = "none"

// check refuses flags that do not go together.
func (o *othersFlags) check() error {
	var err error
	switch {
	case o.kind != "" && o.weights == "":
		err = errors.New("--kind without --weights; name a file of weights")
	case o.kind == "" && o.weights != "":
		err = fmt.Errorf("--weights without --kind; name the kind of network that they are of (%s models lists the kinds)", program.Name())
	case o.kind == "" && len(o.set) > 0:
		err = errors.New("--set is for --kind; a checkpoint says what its network is")
	}
	if err != nil {
		return &usageError{err}
	}
	return cmp.Or(wantPlace("--weights", o.weights), wantPath("--classes", o.classes))
}

// openOthers loads weights of others into a network of the zoo that reads what their preset makes.
func (o *othersFlags) openOthers(threads int) (*worker.Predictor, error) {
	f, err := runfile.OfKind(o.kind, o.set)
	if err != nil {
		return nil, &usageError{err}
	}
	info, _ := zoo.Lookup(o.kind)
	if o.preset != "" && o.preset != noPreset {
		p, err := publishedOf(f).Preset(o.preset)
		if err != nil {
			return nil, &usageError{fmt.Errorf("--preset: %s: %w", o.kind, err)}
		}
		if d := f.Data; len(d.Mean)+len(d.Deviation) > 0 || d.Augment != "" {
			return nil, &usageError{fmt.Errorf("--preset %q and data.mean, data.deviation or data.augment of --set say two things of pixels; leave out --set, or give --preset %s and say all by --set", o.preset, noPreset)}
		}
		if p.Same && info.Field("padding") == nil {
			return nil, &usageError{fmt.Errorf("--preset: %s: %q wants model.padding, which the kind has not", o.kind, o.preset)}
		}
		sets := slices.Concat(presetFields(info, p), o.set) // what the user sets comes last
		if f, err = runfile.OfKind(o.kind, sets); err != nil {
			return nil, &usageError{err}
		}
	} else if o.preset == "" && info.Published != nil && len(info.Published.Weights) > 0 {
		_, err := info.Published.Preset("")
		return nil, &usageError{fmt.Errorf("--preset is needed: which weights of %s these are decides what is done with pictures (%s for pixels as data.mean says): %w", o.kind, noPreset, err)}
	}
	if at, err := os.Stat(o.weights); err == nil && at.IsDir() && !numpy.IsSet(o.weights) {
		return nil, &usageError{fmt.Errorf("--weights %s: a directory, and a file of weights is wanted; a run or checkpoint is given in the place of --kind and --weights", o.weights)}
	}
	f.Model.Weights = o.weights
	p, err := finite(o.weights)(worker.NewPredictorOf(f, threads))
	return p, remedied(info, err)
}

// toldWhich says which of several state_dicts of a file was loaded.
func (o *othersFlags) toldWhich(out io.Writer, d worker.StateDict) {
	if d.Within != "" && len(d.Beside) > 0 {
		fmt.Fprintf(out, "%s: taken is %s; it holds %s, too (save that alone to take it)\n", o.weights, d.Within, visible([]byte(strings.Join(d.Beside, ", "))))
	}
}

// remedied adds what to do about parts of a network that files have or lack.
func remedied(info zoo.Info, err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	for field, set := range map[string]string{"sides": "false", "auxiliary": "0"} {
		if info.Field(field) != nil && strings.Contains(text, " aux") && strings.Contains(text, "in the model, not in the file") {
			return fmt.Errorf("%w; for a file without side heads give --set model.%s=%s", err, field, set)
		}
	}
	if info.Field("cut") != nil && strings.Contains(text, "in the file, not in the model") {
		return fmt.Errorf("%w; %s weights convert IN OUT --skip layer4.,fc. leaves out what lies behind a cut", err, program.Name())
	}
	return err
}

// finite passes on a model that was loaded from a path, unless a weight of it is not finite.
func finite(path string) func(p *worker.Predictor, err error) (*worker.Predictor, error) {
	return func(p *worker.Predictor, err error) (*worker.Predictor, error) {
		if err != nil {
			return nil, err
		}
		if err := wantFinite(path, p.Network()); err != nil {
			p.Close()
			return nil, err
		}
		return p, nil
	}
}

// backboneOf is a file's kind, and that of the backbone that it has by the field of the name, or nil.
func backboneOf(f *runfile.File) (info zoo.Info, backbone *zoo.Info) {
	info, _ = zoo.Lookup(f.Model.Kind)
	if field := info.Field("backbone"); field != nil {
		if of, ok := zoo.Lookup(*field.At(f.Model.Fields).(*string)); ok {
			backbone = &of
		}
	}
	return info, backbone
}

// publishedOf is what is published of a file's kind, or else of its backbone.
func publishedOf(f *runfile.File) *zoo.Published {
	info, backbone := backboneOf(f)
	if info.Published == nil && backbone != nil {
		return backbone.Published
	}
	return info.Published
}

// presetFields are the fields of a kind that go with a preset: the size of images, what makes pixels be between -1 and 1
// where torchvision's weights want them so, and TensorFlow's padding and norms.
func presetFields(info zoo.Info, p zoo.Preset) (sets []string) {
	if info.Field("image") != nil {
		sets = append(sets, fmt.Sprintf("model.image=%d", p.Crop))
	}
	if info.Field("transform_input") != nil {
		sets = append(sets, "model.transform_input=true")
	}
	if p.Same {
		sets = append(sets, "model.padding=same", "model.norm=tensorflow")
	}
	return sets
}

// presetOf finds the preset that pictures get, if one is asked for, and has the model read pixels by its mean and
// deviation. A preset whose squares the model does not read is an error.
func (o *othersFlags) presetOf(p *worker.Predictor) (*zoo.Preset, error) {
	if o.preset == "" || o.preset == noPreset {
		return nil, nil
	}
	f := p.File
	preset, err := publishedOf(f).Preset(o.preset)
	if err != nil {
		return nil, &usageError{fmt.Errorf("--preset: %s: %w", f.Model.Kind, err)}
	}
	if info, of := backboneOf(f); of != nil && of.Field("transform_input") != nil && info.Field("transform_input") == nil {
		preset.Mean, preset.Deviation = [3]float64{0.5, 0.5, 0.5}, [3]float64{0.5, 0.5, 0.5} // what the backbone makes of pixels in its own network
	}
	for _, part := range p.Reads() {
		if i, is := part.Holds.(*nn.Images); is && (i.Height != preset.Crop || i.Width != preset.Crop || i.Channels != 3) {
			return nil, fmt.Errorf("--preset %q gives squares of %d pixels in 3 colours, and the network reads %dx%d in %d; a preset is for networks of its size",
				o.preset, preset.Crop, i.Height, i.Width, i.Channels)
		}
	}
	if preset.BlueFirst {
		preset.Mean[0], preset.Mean[2] = preset.Mean[2], preset.Mean[0]
		preset.Deviation[0], preset.Deviation[2] = preset.Deviation[2], preset.Deviation[0]
	}
	f.Data.Mean, f.Data.Deviation, f.Data.Augment = preset.Mean[:], preset.Deviation[:], ""
	return &preset, nil
}

// mostNames bounds a file of names.
const mostNames = 1 << 22

// presetPicture makes a sample of a picture as a preset has it.
func presetPicture(b []byte, part samples.Part, preset *zoo.Preset) (samples.Value, error) {
	part.Shape = []int{preset.Crop, preset.Crop, 3}
	p, err := cutting.CentredPicture(b, part, preset.Resize, preset.Crop, picture.Filter(preset.By), 0)
	if err != nil {
		return samples.Value{}, err
	}
	if preset.BlueFirst {
		for i := 0; i < len(p.Pixels); i += 3 {
			p.Pixels[i], p.Pixels[i+2] = p.Pixels[i+2], p.Pixels[i]
		}
	}
	return samples.Value{Shape: []int{p.Height, p.Width, p.Channels}, Data: p.Pixels}, nil
}

// classNames are the names of so many classes: those of --classes, or else what is known.
func (o *othersFlags) classNames(known []string, classes int) ([]string, error) {
	if o.classes == "" {
		return known, nil
	}
	info, err := os.Stat(o.classes)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > mostNames {
		return nil, fmt.Errorf("--classes %s: a file of at most %d bytes is wanted", o.classes, mostNames)
	}
	b, err := os.ReadFile(o.classes)
	if err != nil {
		return nil, err
	}
	var names []string
	for line := range strings.Lines(strings.TrimRight(strings.TrimPrefix(string(b), "\ufeff"), " \t\r\n")) {
		name := strings.TrimSpace(line)
		if name == "" {
			return nil, fmt.Errorf("--classes %s:%d: an empty line; every line is the name of a class, in the order of the network's outputs", o.classes, len(names)+1)
		}
		names = append(names, name)
	}
	switch {
	case classes == 0:
		return nil, errors.New("--classes: this model tells no classes apart")
	case len(names) != classes:
		return nil, fmt.Errorf("--classes %s: %s, and the network tells %d classes apart; give a line for each, in their order",
			o.classes, countText(len(names), "name"), classes)
	}
	return names, nil
}
