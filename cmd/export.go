package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/onnx"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/machine"
)

func newExport() *cobra.Command {
	var path string
	var int8 int8Flags
	var others othersFlags
	c := &cobra.Command{
		Use:   "export {DIR | --kind KIND --weights FILE} --onnx FILE",
		Short: "Write a trained network as ONNX, for other runtimes",
		Long: `Writes the network of a checkpoint, or of a run's newest, as an ONNX file: its graph at inference and its weights
(their average, where the run keeps one), in float32. onnxruntime, TensorRT, OpenVINO and others read it. With --kind
and --weights it is a network of the zoo with weights of others, as those of torchvision (.safetensors, .pth);
--preset names which they are, and the file's metadata then say what these want of pixels.

Inputs are the parts of the data by their names: images [batch, channels, height, width], ready as data.mean and
data.deviation make them (the file's metadata say how), texts [time, batch] of whole numbers, sequences [time,
batch, features]. The output is called output. States that a network carries from text to text are inputs under
their names, and outputs with .next behind them. A layer that ONNX has no counterpart of is refused by its name.

With --int8 convolutions and dense layers compute in eight bits, which takes a quarter of the room, and less time where
the runtime has whole numbers: weights are rounded output by output, values by the ranges that they have on samples of
--calibrate, of which few values are cut off (--share) or as many as make the levels fit best how values are spread
(--entropy), and batch norms become a part of the convolution before them. Everything else, recurrent layers too, stays
in float32, and so do inputs and outputs. The same checkpoint, samples and flags give the same file. Measure what it
costs on held-out data (docs/results.md).`,
		Example: `  rondo export runs/mnist --onnx mnist.onnx
  rondo export runs/mnist/step-000001200 --onnx mnist.onnx
  rondo export --kind resnet18 --weights resnet18.pth --preset IMAGENET1K_V1 --onnx resnet18.onnx
  rondo export runs/mnist --onnx mnist-int8.onnx --int8 --calibrate mnist/train`,
		Args: args(0, 1, "one run or checkpoint"),
		RunE: func(c *cobra.Command, a []string) error {
			switch {
			case len(a) == 1 && others.kind != "":
				return &usageError{fmt.Errorf("%s and --kind are two networks; give one of them", a[0])}
			case len(a) == 0 && others.kind == "" && others.weights == "":
				return wrongUsage(c, errors.New("one run or checkpoint is wanted, or --kind and --weights"))
			}
			if path == "" {
				return &usageError{errors.New("--onnx FILE is needed: where the network is written")}
			}
			if err := wantPath("--onnx", path); err != nil {
				return err
			}
			if err := int8.check(c.Flags()); err != nil {
				return err
			}
			if err := others.check(); err != nil {
				return err
			}
			if others.weights != "" && same(path, others.weights) {
				return &usageError{fmt.Errorf("--onnx %s: the network would take the place of its weights; give another file", path)}
			}
			e, err := exportedNetwork(a, &others)
			if err != nil {
				return err
			}
			defer func() { e.close() }()
			others.toldWhich(c.ErrOrStderr(), e.dict)
			return exportONNX(c.OutOrStdout(), e, path, &int8)
		},
	}
	c.Flags().StringVar(&path, "onnx", "", "`FILE` to write; it appears whole or not at all")
	int8.add(c)
	others.addNetwork(c.Flags())
	return c
}

// exportedNetwork is that of a run or checkpoint, or of others.
func exportedNetwork(given []string, others *othersFlags) (*exported, error) {
	if len(given) == 0 {
		return exportedOthers(others)
	}
	if others.preset != "" {
		return nil, &usageError{errors.New("--preset is for --kind; a checkpoint says what pixels are made")}
	}
	return exportedRun(given[0])
}

// exported is the network that is written.
type exported struct {
	file    *runfile.File
	network *zoo.Network
	from    string // "step 7", or a file of weights
	more    map[string]string
	dict    worker.StateDict // of the file of weights

	predictor func() (*worker.Predictor, error) // which computes, for ranges
	close     func()                            // the predictor, if there is one
}

// exportedRun is the network of a checkpoint, or of a run's newest.
func exportedRun(dir string) (*exported, error) {
	m, dir, err := findCheckpoint(dir)
	if err != nil {
		return nil, err
	}
	f, err := worker.FileOf(m)
	if err != nil {
		return nil, err
	}
	n, err := worker.LoadModel(dir, m)
	if err != nil {
		return nil, err
	}
	if err := wantFinite(dir, n); err != nil {
		return nil, err
	}
	step := strconv.FormatUint(m.Step, 10)
	e := &exported{file: f, network: n, from: "step " + step, more: map[string]string{"step": step}, close: func() {}}
	e.predictor = func() (*worker.Predictor, error) {
		p, err := worker.NewPredictor(dir, m, machine.Threads())
		if err == nil {
			e.close = p.Close
		}
		return p, err
	}
	return e, nil
}

// exportedOthers is a network of the zoo with weights of others. Without --preset the file does not say what they want of
// pictures.
func exportedOthers(o *othersFlags) (*exported, error) {
	asked := *o
	asked.preset = cmp.Or(o.preset, noPreset)
	p, err := asked.openOthers(machine.Threads())
	if err != nil {
		return nil, err
	}
	preset, err := asked.presetOf(p)
	if err != nil {
		p.Close()
		return nil, err
	}
	e := &exported{file: p.File, network: p.Network(), from: o.weights, more: map[string]string{}, dict: p.Dict,
		predictor: func() (*worker.Predictor, error) { return p, nil }, close: p.Close}
	if preset != nil && preset.BlueFirst {
		e.more["channels"] = "BGR"
	}
	return e, nil
}

func exportONNX(out io.Writer, e *exported, path string, int8 *int8Flags) (err error) {
	f, n := e.file, e.network
	ranges, err := int8.calibrate(e)
	if err != nil {
		return err
	}
	defer zoo.Recover(f.Model.Kind, &err)
	steps := f.RowLength()
	if info, ok := zoo.Lookup(f.Model.Kind); ok && info.Sequences {
		steps = max(steps, 2) // sequences that were trained step by step have a dimension of time all the same
	}
	tape := nn.NewTape(n.Params(), nil, nn.Shape{Steps: steps, Lanes: 1, Rows: 1}, nn.Inference, f.Seed)
	batch := tape.NewBatch(nil)
	y := n.Forward(tape, batch)
	if err := tape.Err(); err != nil {
		return err
	}
	o := onnx.Options{Name: f.Model.Kind, Producer: program.Name(), Version: api.Version(), Metadata: e.metadata(), Int8: ranges}
	size, err := writeWhole(path, func(w io.Writer) error { return onnx.Write(w, tape, batch, y, o) })
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %s of %s, %s parameters, %s, opset %d", path, f.Model.Text(), e.from, countOr(n.Params().Size(), "0"), bytesText(size), onnx.Opset)
	if ranges != nil {
		fmt.Fprintf(out, ", %s in eight bits", countText(ranges.Layers(), "layer"))
	}
	fmt.Fprintln(out)
	return nil
}

// metadata says what the network is, and what is done with pixels before it reads them.
func (e *exported) metadata() map[string]string {
	f, m := e.file, maps.Clone(e.more)
	m["kind"], m["task"] = f.Model.Kind, f.Task.Kind
	list := func(values []float64) string {
		var text []string
		for _, v := range values {
			text = append(text, strconv.FormatFloat(v, 'g', -1, 64))
		}
		return strings.Join(text, ",")
	}
	if len(f.Data.Mean) > 0 {
		m["mean"], m["deviation"] = list(f.Data.Mean), list(f.Data.Deviation)
	}
	return m
}
