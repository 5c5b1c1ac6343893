package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/machine"
)

// predictFlags are the flags of `rondo predict`.
type predictFlags struct {
	out     string
	top     int
	json    bool
	threads int
	layer   string
	likeFlag
	othersFlags
}

func newPredict() *cobra.Command {
	var o predictFlags
	c := &cobra.Command{
		Use:   "predict {DIR | --kind KIND --weights FILE} INPUT…",
		Short: "Ask a trained model about pictures, sounds, texts or a set",
		Long: `Loads the newest checkpoint in DIR (or the checkpoint that DIR is) and prints what the
model makes of each INPUT. These may be

  pictures      in the channels of the training data. Where these have one size, a
                picture is scaled to cover it and cut to its middle; for classes of pixels
                it is cut into tiles of that size, and the mask is put together again.
                Then it is changed as for an evaluation (data.augment without chance)
  WAV files     mixed to one channel, at the rate of the training data
  texts         an argument that is no file, the lines of a .txt file, or of standard
                input for -; what is beyond batch.length of the run is not read
  a directory   a set of shards: every sample; of another directory the pictures,
                WAV files or .txt files in it, by their names' endings
  a .safetensors file   a batch: a tensor [n, …] for each part that the model reads, by the
                part's name, and NAME.length [n] (I32 or I64) where samples differ in length

Classes are printed with their probabilities, pixels as the share of each class,
transcripts as symbols, and numbers as they are. Names of classes, rates and words are
those of the training data, which checkpoints hold; for one that does not, --like takes
them from a set. The numbers are those of the command eval, to the bit.

--kind with --weights asks a network of the zoo with weights of others (.safetensors, PyTorch's .pth), without a run.
What is done with a picture before the network sees it is kept with every published set of weights (resize, crop,
mean, deviation): --preset names the set, and a wrong name lists them. A run's pictures are made as those that it
learnt from, and --preset is for a run that began from published weights and was trained on such pictures. For weights
that have no preset, --preset none with --set data.mean, data.deviation and data.augment says the same.
--classes FILE names the classes, a line for each. --layer NAME writes what a layer or a stage yields (rondo models KIND
--summary lists them), its features.

With --out the masks of pictures go to a directory, a PNG with a palette each whose
values are numbers of classes; or all outputs of the model, before softmax or sigmoid, to
the tensor logits [n, …] of a .safetensors file, which names the inputs in its metadata
(inputs, a JSON list). A .npy file is for NumPy: the same array [n, …] of float32 alone,
in the order of the inputs. Sequences end in zeros, up to the longest; their lengths are
the tensor logits.length, or for NumPy the file FILE-length.npy beside FILE.npy.`,
		Example: `  rondo predict runs/mnist seven.png other.png
  rondo predict runs/membrane em/image/24.png --out masks
  rondo predict runs/sentiment 'Crust is not good.' --json
  rondo predict runs/mnist mnist/valid --out logits.safetensors
  rondo predict runs/mnist mnist/valid --layer relu2 --out features.npy
  rondo predict --kind resnet50 --weights resnet50.pth --preset 'torchvision IMAGENET1K_V2' --classes imagenet.txt dog.jpg
  rondo predict --kind resnet50 --weights own.pth --preset none --set 'data.mean=[0.485,0.456,0.406]' \
    --set 'data.deviation=[0.229,0.224,0.225]' --set 'data.augment=short 235 filter=bicubic, center-crop 224' dog.jpg`,
		Args: args(1, -1, "a directory of checkpoints, or --kind and --weights, and one or more inputs"),
		RunE: func(c *cobra.Command, a []string) error {
			if o.kind != "" {
				return o.run(c, "", a)
			}
			if len(a) < 2 {
				return wrongUsage(c, errors.New("a directory of checkpoints and one or more inputs are wanted; weights of others need --kind"))
			}
			return o.run(c, a[0], a[1:])
		},
	}
	f := c.Flags()
	f.StringVar(&o.out, "out", "", "`PATH`: a directory for masks, or a .safetensors or .npy file for outputs")
	o.addLike(c)
	f.IntVar(&o.top, "top", 5, "classes to name, the likeliest first")
	f.BoolVar(&o.json, "json", false, "print a line of JSON for each input")
	f.IntVar(&o.threads, "threads", machine.Threads(), "goroutines that compute")
	f.StringVar(&o.layer, "layer", "", "`NAME` of a layer or stage, as layer3: --out FILE.safetensors gets what it yields, a tensor features [n, height, width, channels], and FILE.npy the same")
	o.othersFlags.add(f)
	return c
}

func (o *predictFlags) check(dir string) error {
	switch {
	case o.layer != "" && !holdsOutputs(o.out):
		return &usageError{errors.New("--layer writes numbers; name a file for them by --out FILE.safetensors or FILE.npy")}
	case o.top < 1:
		return &usageError{fmt.Errorf("--top %d: at least 1", o.top)}
	case o.threads < 1 || o.threads > worker.MaxThreads:
		return &usageError{fmt.Errorf("--threads %d: from 1 to %d", o.threads, worker.MaxThreads)}
	}
	return cmp.Or(o.othersFlags.check(), wantPlace("the directory", dir), wantPath("--out", o.out), o.checkLike())
}

// spares refuses a file for outputs in the place of what is read.
func (o *predictFlags) spares(given []string) error {
	if !holdsOutputs(o.out) {
		return nil
	}
	for _, out := range []string{o.out, lengthsPath(o.out)} {
		for _, read := range append([]string{o.weights, o.classes}, given...) {
			if read != "" && same(out, read) {
				return &usageError{fmt.Errorf("--out %s: the outputs would take the place of %s, which is read; give another file", o.out, read)}
			}
		}
	}
	return nil
}

func (o *predictFlags) run(c *cobra.Command, dir string, given []string) error {
	if err := cmp.Or(o.check(dir), o.spares(given)); err != nil {
		return err
	}
	p, err := o.open(dir)
	if err != nil {
		return err
	}
	defer p.Close()
	o.toldWhich(c.ErrOrStderr(), p.Dict)
	if o.layer != "" {
		if err := p.AtLayer(o.layer); err != nil {
			return fmt.Errorf("--layer: %w", err)
		}
	}
	preset, err := o.presetOf(p)
	if err != nil {
		return err
	}
	if err := o.tell(p); err != nil {
		return err
	}
	to, err := newPredicted(o, p, c.OutOrStdout())
	if err != nil {
		return err
	}
	if to.classes, err = o.classNames(to.classes, p.Classes()); err != nil {
		return err
	}
	in := &predictInputs{p: p, stdin: c.InOrStdin(), preset: preset, others: o.kind != ""}
	for _, given := range given {
		for _, path := range in.within(given) {
			if err := in.ask(path, to); err != nil {
				return err
			}
		}
	}
	return to.finish()
}

// ask asks about one input. Errors name it.
func (in *predictInputs) ask(path string, to *predicted) error {
	groups, err := in.open(path)
	if err != nil {
		return err
	}
	for _, g := range groups {
		switch err := to.group(g); {
		case err != nil && !strings.Contains(err.Error(), path):
			return fmt.Errorf("%s: %w", path, err)
		case err != nil:
			return err
		}
	}
	return nil
}

// open loads the newest checkpoint of a run, or weights of others where a kind is given.
func (o *predictFlags) open(dir string) (*worker.Predictor, error) {
	if o.kind != "" {
		return o.openOthers(o.threads)
	}
	m, dir, err := findCheckpoint(dir)
	if err != nil {
		return nil, err
	}
	return finite(dir)(worker.NewPredictor(dir, m, o.threads))
}

// isTensors says whether a path names a safetensors file.
func isTensors(path string) bool { return filepath.Ext(path) == ".safetensors" }

// holdsOutputs says whether a path names a file for the outputs of a model.
func holdsOutputs(path string) bool { return isTensors(path) || filepath.Ext(path) == ".npy" }
