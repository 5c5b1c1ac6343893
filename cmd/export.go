package cmd

import (
	"errors"
	"fmt"
	"io"
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
)

func newExport() *cobra.Command {
	var path string
	var int8 int8Flags
	c := &cobra.Command{
		Use:   "export DIR --onnx FILE",
		Short: "Write a trained network as ONNX, for other runtimes",
		Long: `Writes the network of a checkpoint, or of a run's newest, as an ONNX file: its graph at inference and its weights
(their average, where the run keeps one), in float32. onnxruntime, TensorRT, OpenVINO and others read it.

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
  rondo export runs/mnist --onnx mnist-int8.onnx --int8 --calibrate mnist/train`,
		Args: args(1, 1, "one run or checkpoint"),
		RunE: func(c *cobra.Command, a []string) error {
			if path == "" {
				return &usageError{errors.New("--onnx FILE is needed: where the network is written")}
			}
			if err := wantPath("--onnx", path); err != nil {
				return err
			}
			if err := int8.check(c.Flags()); err != nil {
				return err
			}
			return exportONNX(c.OutOrStdout(), a[0], path, &int8)
		},
	}
	c.Flags().StringVar(&path, "onnx", "", "`FILE` to write; it appears whole or not at all")
	int8.add(c)
	return c
}

func exportONNX(out io.Writer, dir, path string, int8 *int8Flags) (err error) {
	m, dir, err := findCheckpoint(dir)
	if err != nil {
		return err
	}
	f, err := worker.FileOf(m)
	if err != nil {
		return err
	}
	n, err := worker.LoadModel(dir, m)
	if err != nil {
		return err
	}
	ranges, err := int8.calibrate(dir, m)
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
	o := onnx.Options{Name: f.Model.Kind, Producer: program.Name(), Version: api.Version(), Metadata: exportMetadata(f, m.Step), Int8: ranges}
	size, err := writeWhole(path, func(w io.Writer) error { return onnx.Write(w, tape, batch, y, o) })
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %s of step %d, %s parameters, %s, opset %d", path, f.Model.Text(), m.Step, countOr(n.Params().Size(), "0"), bytesText(size), onnx.Opset)
	if ranges != nil {
		fmt.Fprintf(out, ", %s in eight bits", countText(ranges.Layers(), "layer"))
	}
	fmt.Fprintln(out)
	return nil
}

// exportMetadata says what the network is, and what is done with pixels before it reads them.
func exportMetadata(f *runfile.File, step uint64) map[string]string {
	m := map[string]string{"kind": f.Model.Kind, "task": f.Task.Kind, "step": strconv.FormatUint(step, 10)}
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
