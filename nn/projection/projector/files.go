package projector

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rondo-ml/rondo/nn/projection"
	"github.com/rondo-ml/rondo/tensor"
)

// Read reads a set: a projector_config.pbtxt or .json, a directory with one of them, or a .tsv of numbers.
func Read(path string) (*Set, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if info.IsDir() {
		dir := path
		path = filepath.Join(dir, "projector_config.pbtxt")
		if _, err := os.Stat(path); err != nil {
			path = filepath.Join(dir, "projector_config.json")
		}
	}
	c := config{Name: filepath.Base(path), Tensor: filepath.Base(path)}
	if ext := filepath.Ext(path); ext == ".pbtxt" || ext == ".json" {
		text, err := readFile(path, longestLine)
		if err != nil {
			return nil, err
		}
		if ext == ".json" {
			c, err = parseJSON(text)
		} else {
			c, err = parseText(string(text))
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return c.read(filepath.Dir(path))
}

// mostBytes bounds a file of points.
const mostBytes = 4 * mostNumbers

func readFile(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("%s: more than %d bytes", path, most)
	}
	return b, err
}

// in finds a file that a config in dir names. Configs come from others: they name no files elsewhere.
func in(dir, name string) (string, error) {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return "", fmt.Errorf("the config names %q: want a file below its own directory", name)
	}
	return filepath.Join(dir, filepath.FromSlash(name)), nil
}

func (c config) read(dir string) (*Set, error) {
	path, err := in(dir, c.Tensor)
	if err != nil {
		return nil, err
	}
	b, err := readFile(path, mostBytes)
	if err != nil {
		return nil, err
	}
	s := &Set{Name: c.Name}
	if filepath.Ext(path) == ".bytes" {
		s.Points, err = readBytes(b, c.Shape)
	} else {
		s.Points, err = ReadTSV(bytes.NewReader(b))
	}
	if err == nil {
		err = projection.Check(s.Points)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if c.Metadata != "" {
		if err := s.Label(dir, c.Metadata); err != nil {
			return nil, err
		}
	}
	if c.Sprite != nil {
		if err := s.readSprite(dir, *c.Sprite); err != nil {
			return nil, err
		}
	}
	if c.Bookmarks != "" {
		if err := s.readBookmarks(dir, c.Bookmarks); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Label reads what is known of the points from a file in a directory.
func (s *Set) Label(dir, name string) error {
	path, err := in(dir, name)
	if err != nil {
		return err
	}
	b, err := readFile(path, mostBytes)
	if err != nil {
		return err
	}
	if s.Columns, s.Values, err = ReadMetadata(bytes.NewReader(b), s.Points.Rows); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func readBytes(b []byte, shape []int) (tensor.Matrix, error) {
	if len(shape) != 2 || shape[0] < 1 || shape[1] < 1 || shape[0] > MostPoints || shape[1] > mostNumbers/shape[0] || len(b) != 4*shape[0]*shape[1] {
		return tensor.Matrix{}, fmt.Errorf("%d bytes are no float32 numbers of shape %v", len(b), shape)
	}
	x := tensor.NewMatrix(shape[0], shape[1])
	for i := range x.Data {
		x.Data[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return x, nil
}

func bytesOf(x tensor.Matrix) []byte {
	b := make([]byte, 0, 4*x.Rows*x.Cols)
	for i := range x.Rows {
		for _, v := range x.Row(i) {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
	}
	return b
}

// Write writes a set and its layouts to a directory, and returns the names of the files.
func Write(dir string, s *Set, layouts ...*Layout) ([]string, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	c := config{Name: s.Name, Shape: []int{s.Points.Rows, s.Points.Cols}, Tensor: "tensors.bytes"}
	files := []file{{c.Tensor, bytesOf(s.Points)}}
	if utf8.Valid(files[0].content) { // TensorBoard takes what could be text for numbers that are written out
		c.Tensor = "tensors.tsv"
		files[0] = file{c.Tensor, tsv(s.Points)}
	}
	if len(s.Columns) > 0 {
		c.Metadata = "metadata.tsv"
		var b bytes.Buffer
		_ = s.WriteMetadata(&b) // to memory
		files = append(files, file{c.Metadata, b.Bytes()})
	}
	if s.Sprite != nil {
		c.Sprite = &spriteConfig{s.Sprite.name(), []int{s.Sprite.Width, s.Sprite.Height}}
		files = append(files, file{c.Sprite.Path, s.Sprite.Image})
	}
	if len(layouts) > 0 {
		c.Bookmarks = "bookmarks.txt"
		b, err := bookmarks(s, layouts)
		if err != nil {
			return nil, err
		}
		files = append(files, file{c.Bookmarks, b})
	}
	for _, l := range layouts {
		files = append(files, file{l.Name() + ".tsv", tsv(l.Points)})
	}
	whole, err := json.MarshalIndent(map[string]any{"embeddings": []config{c}}, "", "  ")
	if err != nil {
		return nil, err
	}
	files = append(files, file{"projector_config.json", append(whole, '\n')}, file{"projector_config.pbtxt", []byte(c.text())})
	var names []string
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.name), f.content, 0o666); err != nil {
			return nil, err
		}
		names = append(names, f.name)
	}
	return names, nil
}

type file struct {
	name    string
	content []byte
}

func tsv(x tensor.Matrix) []byte {
	var b strings.Builder
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			if j > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(strconv.FormatFloat(float64(v), 'g', -1, 32))
		}
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

// bookmarks are states of TensorBoard's page: one for each layout, with every point's place.
func bookmarks(s *Set, layouts []*Layout) ([]byte, error) {
	var all []map[string]any
	for _, l := range layouts {
		places := make([]map[string]float32, s.Points.Rows)
		for i := range places {
			places[i] = map[string]float32{}
			for d, v := range l.Points.Row(i) {
				places[i][fmt.Sprintf("%s-%d", l.Method, d)] = v
			}
		}
		perplexity, neighbors := 30.0, 15 // of another method its page has its own
		switch l.Method {
		case "tsne":
			perplexity = l.Perplexity
		case "umap":
			neighbors = l.Neighbors
		}
		var dims []int
		for d := range l.Dims {
			dims = append(dims, d)
		}
		all = append(all, map[string]any{
			"label": l.Name(), "isSelected": false, "selectedProjection": l.Method,
			"dataSetDimensions": []int{s.Points.Rows, s.Points.Cols}, "projections": places,
			"pcaComponentDimensions": dims, "tSNEis3d": l.Dims == 3, "umapIs3d": l.Dims == 3,
			"tSNEIteration": 1000, "selectedPoints": []int{},
			// Without these its page stops half way.
			"tSNEPerplexity": perplexity, "tSNELearningRate": 1, "umapNeighbors": neighbors, "umapMinDist": 0.1,
			"customXLeftText": "", "customXRightText": "", "customYUpText": "", "customYDownText": "",
			"customXLeftRegex": false, "customXRightRegex": false, "customYUpRegex": false, "customYDownRegex": false,
		})
	}
	return json.Marshal(all)
}

// checkBookmarks says whether they may be bookmarks: a list of objects.
func checkBookmarks(b []byte) error {
	var all []struct{}
	if err := json.Unmarshal(b, &all); err != nil {
		return fmt.Errorf("bookmarks: %w", err)
	}
	return nil
}

func column(values []float32) tensor.Matrix { return tensor.Of(values, len(values), 1) }
