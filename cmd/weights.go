package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/nn/numpy"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

func newWeights() *cobra.Command {
	c := group(&cobra.Command{Use: "weights", Short: "Look at, compare, convert and make files of weights",
		Long: `Works on weights: safetensors, files of PyTorch (.pth, .pt: a state_dict saved by
torch.save; nothing in it is run, and one that would run something in Python is refused),
checkpoints of runs (a directory: its newest), and the arrays 0.npy to 14.npy as which the
network of the sentiment unit was published (their directory). Files and checkpoints may also lie in an object store, as s3://bucket/key.`})
	c.AddCommand(newWeightsShow(), newWeightsDiff(), newWeightsConvert(), newWeightsWords())
	return c
}

// weights are weights that are open for reading.
type weights struct {
	safetensors.Source
	what     string   // "weights.pth, its entry state_dict", "runs/x/step-000000040"
	leftOut  []string // what else the file has, an entry each
	unread   map[string]safetensors.Unread
	metadata map[string]string
	averaged bool // it is of a run that keeps an average of its weights too
	close    func() error
}

// openWeights opens a file of weights or a checkpoint; of that the average of the weights where that is asked for.
func openWeights(path string, average bool) (*weights, error) {
	if path == "" {
		return nil, &usageError{errors.New("the path of the weights is empty; name a file or a directory of checkpoints")}
	}
	if err := wantPlace("the weights", path); err != nil {
		return nil, err
	}
	switch dir, err := holdsCheckpoint(path); {
	case err != nil:
		return nil, err
	case dir:
		return openCheckpointWeights(path, average)
	case average:
		return nil, &usageError{fmt.Errorf("--average is of checkpoints, and %s is a file", path)}
	}
	f, err := runfile.OpenWeights(path)
	if err != nil {
		return nil, err
	}
	w := &weights{Source: f, what: path, unread: safetensors.UnreadOf(f), close: f.Close, metadata: map[string]string{"format": "pt"}}
	switch f := f.(type) {
	case interface{ Metadata() map[string]string }:
		w.metadata = f.Metadata()
	case interface {
		Within() string
		LeftOut() []string
	}:
		w.leftOut = f.LeftOut()
		if within := f.Within(); within != "" {
			w.what += ", its entry " + within
		}
	}
	return w, nil
}

// holdsCheckpoint says whether the path of weights is a directory of checkpoints, or one checkpoint. In an
// object store it is what is no object.
func holdsCheckpoint(path string) (bool, error) {
	if runfile.Stored(path) {
		_, err := objects.Open(context.Background(), path)
		if errors.Is(err, fs.ErrNotExist) {
			return true, nil
		}
		return false, err
	}
	stat, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	return stat.IsDir() && !numpy.IsSet(path), nil
}

// averagePrefix is how the names of the averages begin in the optimizer's file.
const averagePrefix = "average/"

func openCheckpointWeights(path string, average bool) (*weights, error) {
	m, dir, err := findCheckpoint(path)
	if err != nil {
		return nil, err
	}
	groups := []string{checkpoint.Weights}
	if average {
		groups = append(groups, checkpoint.Optimizer)
	}
	snap, err := checkpoint.Load(checkpoint.Files{}, objects.Dir(dir), m, groups...)
	if err != nil {
		return nil, err
	}
	list := safetensors.List(snap.Tensors(checkpoint.Weights))
	w := &weights{what: dir, close: func() error { return nil }, metadata: map[string]string{"format": "pt"}}
	for _, f := range m.Files {
		w.averaged = w.averaged || slices.ContainsFunc(f.Tensors, func(t checkpoint.TensorInfo) bool { return strings.HasPrefix(t.Name, averagePrefix) })
	}
	if average {
		if !w.averaged {
			return nil, fmt.Errorf("%s keeps no average of its weights (optimizer.average)", dir)
		}
		w.what += ", the average of its weights"
		for i, t := range list {
			if a, err := snap.Tensor(checkpoint.Optimizer, averagePrefix+t.Name); err == nil {
				list[i].Data = a.Data
			}
		}
	}
	w.Source = list
	return w, nil
}

// useWeights opens weights, hands them to use and closes them.
func useWeights(path string, average bool, use func(*weights) error) error {
	w, err := openWeights(path, average)
	if err != nil {
		return err
	}
	return errors.Join(use(w), w.close())
}

// averageFlag adds --average.
func averageFlag(c *cobra.Command) *bool {
	return c.Flags().Bool("average", false, "of a checkpoint, the average of the weights that the run keeps")
}

// shapeText is a type and a shape: "F32[64 3 7 7]".
func shapeText(i safetensors.Info) string { return fmt.Sprintf("%s%v", i.DType, i.Shape) }
