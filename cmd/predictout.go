package cmd

import (
	"bufio"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/nn/numpy"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/worker"
)

// maskDir is a directory of masks.
type maskDir struct {
	path  string
	taken map[string]bool
}

// palette has a colour for each class of pixels: far apart for classes that follow one another, as in Pascal VOC.
var palette = func() (p color.Palette) {
	for class := range 256 {
		c := color.RGBA{A: 255}
		for bit, n := 7, byte(class); n != 0; bit, n = bit-1, n>>3 {
			c.R |= n & 1 << bit
			c.G |= n >> 1 & 1 << bit
			c.B |= n >> 2 & 1 << bit
		}
		p = append(p, c)
	}
	return p
}()

// write writes the mask of a picture as a PNG whose values are numbers of classes, and returns its path.
func (d *maskDir) write(name string, mask []byte, height, width int) (string, error) {
	base := filepath.Base(filepath.ToSlash(name))
	base = strings.TrimSuffix(base, filepath.Ext(base))
	for of, n := base, 2; d.taken[base]; n++ {
		base = fmt.Sprintf("%s-%d", of, n)
	}
	d.taken[base] = true
	path := filepath.Join(d.path, base+".png")
	if same(path, name) {
		return "", fmt.Errorf("--out %s: the mask would take the place of %s; give another directory", d.path, name)
	}
	if err := os.MkdirAll(d.path, 0o777); err != nil {
		return "", err
	}
	m := &image.Paletted{Pix: mask, Stride: width, Rect: image.Rect(0, 0, width, height), Palette: palette}
	_, err := writeWhole(path, func(w io.Writer) error { return encodePNG(w, m) })
	return path, err
}

// same says whether two paths are one file.
func same(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// logitsFile gathers the outputs of a model for a safetensors file, or for one of NumPy.
type logitsFile struct {
	path    string
	tensor  string // its name: "logits", or "features"
	names   []string
	outputs []worker.Output
}

func (l *logitsFile) add(name string, out worker.Output) error {
	if n := len(l.outputs); n > 0 && !slices.Equal(l.outputs[0].Shape[1:], out.Shape[1:]) ||
		n > 0 && len(out.Shape) != 2 && !slices.Equal(l.outputs[0].Shape, out.Shape) {
		return fmt.Errorf("%s gives outputs of %v, and %s of %v: one file holds one shape", name, out.Shape, l.names[0], l.outputs[0].Shape)
	}
	l.names = append(l.names, name)
	l.outputs = append(l.outputs, worker.Output{Shape: out.Shape, Logits: slices.Clone(out.Logits)})
	return nil
}

// write writes the tensor logits [n, …], and for sequences [n, steps, K] the tensor logits.length [n] beside it. For NumPy the
// first is FILE.npy, and the second FILE-length.npy.
func (l *logitsFile) write() error {
	tensors := l.tensors()
	if isTensors(l.path) {
		names, err := json.Marshal(l.names)
		if err != nil {
			return err
		}
		_, err = writeWhole(l.path, func(w io.Writer) error {
			return safetensors.Write(w, tensors, map[string]string{"inputs": string(names)})
		})
		return err
	}
	for i, t := range tensors {
		path := []string{l.path, lengthsPath(l.path)}[i]
		if _, err := writeWhole(path, func(w io.Writer) error { return numpy.WriteTensor(w, t) }); err != nil {
			return err
		}
	}
	return nil
}

// lengthsPath is where the lengths of sequences go beside a .npy file.
func lengthsPath(path string) string { return strings.TrimSuffix(path, ".npy") + "-length.npy" }

// encodePNG writes a picture.
func encodePNG(w io.Writer, m image.Image) error {
	out := bufio.NewWriter(w)
	if err := png.Encode(out, m); err != nil {
		return err
	}
	return out.Flush()
}

// tensors are the outputs together, and the lengths of sequences.
func (l *logitsFile) tensors() []safetensors.Tensor {
	shape := slices.Clone(l.outputs[0].Shape)
	var lengths []int64
	for _, o := range l.outputs {
		shape[0] = max(shape[0], o.Shape[0])
		lengths = append(lengths, int64(o.Shape[0]))
	}
	size := 1
	for _, n := range shape {
		size *= n
	}
	data := make([]float32, len(l.outputs)*size)
	for i, o := range l.outputs {
		copy(data[i*size:(i+1)*size], o.Logits)
	}
	tensors := []safetensors.Tensor{{Name: l.tensor, Shape: append([]int{len(l.outputs)}, shape...), Data: data}}
	if len(shape) == 2 {
		tensors = append(tensors, safetensors.Tensor{Name: l.tensor + ".length", Shape: []int{len(lengths)}, Data: lengths})
	}
	return tensors
}
