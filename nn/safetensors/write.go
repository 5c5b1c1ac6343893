package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// metadataKey is the member of the header that is no tensor.
const metadataKey = "__metadata__"

// maxHeader bounds the header, as the format's own library does.
const maxHeader = 100_000_000

// Write writes a whole file. The order of tensors does not matter: equal tensors and metadata give equal
// bytes. It is an error for two tensors to have one name, for a shape not to fit its data, or for a name or
// metadata not to be UTF-8. Tensors and metadata are not changed.
func Write(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	ordered, err := WriteHeader(w, tensors, metadata)
	if err != nil {
		return err
	}
	for _, t := range ordered {
		if err := t.WriteData(w); err != nil {
			return fmt.Errorf("safetensors: tensor %s: %w", quote(t.Name), err)
		}
	}
	return nil
}

// WriteHeader writes what stands before the elements in a file, and returns the tensors in the order in which their elements
// follow: the caller writes those with [Tensor.WriteData], and nothing between. Its errors are those of [Write].
func WriteHeader(w io.Writer, tensors []Tensor, metadata map[string]string) ([]Tensor, error) {
	infos, at := make([]Info, len(tensors)), make(map[string]int, len(tensors))
	for i, t := range tensors {
		if err := t.Check(); err != nil {
			return nil, fmt.Errorf("safetensors: %w", err)
		}
		infos[i], at[t.Name] = t.info(), i
	}
	if err := writeHeader(w, infos, metadata); err != nil {
		return nil, err
	}
	ordered := make([]Tensor, len(infos))
	for i, info := range infos {
		ordered[i] = tensors[at[info.Name]]
	}
	return ordered, nil
}

// WriteSource writes a whole file of a source's tensors, of which one at a time is in memory: see [Write].
func WriteSource(w io.Writer, source Source, metadata map[string]string) error {
	var infos []Info
	for _, name := range source.Names() {
		info, _ := source.Info(name)
		info.Name = name
		infos = append(infos, info)
	}
	if err := writeHeader(w, infos, metadata); err != nil {
		return err
	}
	for _, i := range infos {
		t, err := source.Read(i.Name)
		if err == nil {
			err = t.Check()
		}
		if err != nil {
			return err
		}
		if t.DType() != i.DType || t.Len() != i.Count() {
			return fmt.Errorf("safetensors: tensor %s has %d elements of %s, but was said to have %d of %s", quote(i.Name), t.Len(), t.DType(), i.Count(), i.DType)
		}
		if err := t.WriteData(w); err != nil {
			return fmt.Errorf("safetensors: tensor %s: %w", quote(i.Name), err)
		}
	}
	return nil
}

// writeHeader puts tensors into the order of their elements, and writes what stands before those.
func writeHeader(w io.Writer, infos []Info, metadata map[string]string) error {
	sort.SliceStable(infos, func(i, j int) bool {
		a, b := infos[i], infos[j]
		return cmp.Or(cmp.Compare(b.DType.Size(), a.DType.Size()), strings.Compare(a.Name, b.Name)) < 0
	})
	header, err := encodeHeader(infos, metadata)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	var size [8]byte
	binary.LittleEndian.PutUint64(size[:], uint64(len(header)))
	if _, err := w.Write(append(size[:], header...)); err != nil {
		return fmt.Errorf("safetensors: header: %w", err)
	}
	return nil
}

// encodeHeader is the JSON of the header, padded so that the data begin at a multiple of eight bytes.
func encodeHeader(infos []Info, metadata map[string]string) ([]byte, error) {
	b := &bytes.Buffer{}
	b.WriteByte('{')
	if len(metadata) > 0 {
		if err := encodeMetadata(b, metadata); err != nil {
			return nil, err
		}
	}
	seen := map[string]bool{}
	var offset int64
	for _, i := range infos {
		if i.Name == metadataKey || i.Name == "" || seen[i.Name] {
			return nil, fmt.Errorf("tensor %s: a name that is empty, used twice or reserved", quote(i.Name))
		}
		seen[i.Name] = true
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		if err := encodeString(b, i.Name); err != nil {
			return nil, err
		}
		shape, err := json.Marshal(append([]int{}, i.Shape...))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(b, `:{"dtype":"%s","shape":%s,"data_offsets":[%d,%d]}`, i.DType, shape, offset, offset+i.Size)
		offset += i.Size
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	if b.Len() > maxHeader {
		return nil, fmt.Errorf("header of %d bytes, at most %d are allowed", b.Len(), maxHeader)
	}
	return b.Bytes(), nil
}

func encodeMetadata(b *bytes.Buffer, metadata map[string]string) error {
	b.WriteString(`"` + metadataKey + `":{`)
	for i, k := range slices.Sorted(maps.Keys(metadata)) {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := encodeString(b, k); err != nil {
			return err
		}
		b.WriteByte(':')
		if err := encodeString(b, metadata[k]); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

var errNotUTF8 = errors.New("not UTF-8")

// encodeString writes s as a JSON string.
func encodeString(b *bytes.Buffer, s string) error {
	if !utf8.ValidString(s) {
		return fmt.Errorf("name or metadata %s: %w", quote(s), errNotUTF8)
	}
	text, err := json.Marshal(s)
	b.Write(text)
	return err
}

// quote shows a name from outside: printable, on one line, of bounded length.
func quote(name string) string {
	const most = 100
	if len(name) > most {
		name = name[:most] + "…"
	}
	return fmt.Sprintf("%q", name)
}
