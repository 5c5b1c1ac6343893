package cmd

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/data/cutting"
)

func newShardIDX() *cobra.Command {
	var o cutting.IDXOptions
	names := ""
	c := &cobra.Command{
		Use:   "idx --out DIR PATH…",
		Short: "Cut MNIST-style files into DIR/train and DIR/valid",
		Long: `Cuts idx files of images with their labels, packed by gzip or not: MNIST,
Fashion-MNIST, EMNIST (with --transpose).

A path is a directory, in which train-images-idx3-ubyte is for training and
t10k-images-idx3-ubyte is held out, or a file of images. The labels lie beside
the images: train-labels-idx1-ubyte.`,
		Example: `  rondo shard idx --out mnist downloads/mnist
  rondo shard idx --out letters --transpose --held-out emnist-letters-test-images-idx3-ubyte.gz emnist-letters-train-images-idx3-ubyte.gz`,
	}
	cutCommand(c, &o.Options, func(paths []string) (cutting.Summary, error) {
		var err error
		if o.Names, err = readNames(names); err != nil {
			return cutting.Summary{}, err
		}
		return cutting.IDX(o, paths)
	})
	f := c.Flags()
	f.IntVar(&o.Classes, "classes", 0, "number of classes; 0 for the highest label and one more")
	f.StringVar(&names, "class-names", "", "`FILE` of the names of the classes, one a line")
	f.BoolVar(&o.Transpose, "transpose", false, "exchange rows and columns of each image (EMNIST)")
	return c
}

// readNames reads a file of names, one a line; the path "" gives none.
func readNames(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--class-names: %w", err)
	}
	plain := strings.ReplaceAll(strings.TrimPrefix(string(text), "\ufeff"), "\r\n", "\n")
	return strings.Split(strings.TrimRight(plain, "\n"), "\n"), nil
}

func newShardCIFAR() *cobra.Command {
	var o cutting.Options
	c := &cobra.Command{
		Use:   "cifar --out DIR PATH…",
		Short: "Cut the binary files of CIFAR into DIR/train and DIR/valid",
		Long: `Cuts the binary version of CIFAR-10 or CIFAR-100. A path is the directory of its
files, of which test_batch.bin or test.bin is held out, or a file for training.`,
		Example: `  rondo shard cifar --out cifar10 downloads/cifar-10-batches-bin`,
	}
	return cutCommand(c, &o, func(paths []string) (cutting.Summary, error) { return cutting.CIFAR(o, paths) })
}
