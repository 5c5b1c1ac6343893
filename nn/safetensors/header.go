package safetensors

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sort"
	"unicode/utf8"
)

// Info is what the header says of one tensor.
type Info struct {
	Name   string
	DType  DType
	Shape  []int
	Offset int64 // of its first byte, from the beginning of the data
	Size   int64 // in bytes
}

// Count is the number of elements.
func (i Info) Count() int { return int(i.Size) / i.DType.Size() }

// decodeHeader reads the JSON of a header whose data have size bytes, and checks all that it says.
func decodeHeader(text []byte, size int64) (infos []Info, metadata map[string]string, err error) {
	if !utf8.Valid(text) {
		return nil, nil, fmt.Errorf("header: %w", errNotUTF8)
	}
	entries, err := members(text)
	if err != nil {
		return nil, nil, fmt.Errorf("header: %w", err)
	}
	for _, e := range entries {
		if e.name == metadataKey {
			if metadata, err = decodeMetadata(e.value); err != nil {
				return nil, nil, fmt.Errorf("header: %s: %w", metadataKey, err)
			}
			continue
		}
		info, err := decodeInfo(e.value, size)
		if err != nil {
			return nil, nil, fmt.Errorf("tensor %s: %w", quote(e.name), err)
		}
		info.Name = e.name
		infos = append(infos, info)
	}
	return infos, metadata, covers(infos, size)
}

func decodeMetadata(text []byte) (map[string]string, error) {
	entries, err := members(text)
	if err != nil {
		return nil, err
	}
	metadata := map[string]string{}
	for _, e := range entries {
		var value *string
		if err := json.Unmarshal(e.value, &value); err != nil || value == nil {
			return nil, fmt.Errorf("%s is not a string", quote(e.name))
		}
		metadata[e.name] = *value
	}
	return metadata, nil
}

// decodeInfo reads one tensor's entry; size is that of the data.
func decodeInfo(text []byte, size int64) (Info, error) {
	var info Info
	var shape, offsets []int64
	into := map[string]any{"dtype": (*string)(&info.DType), "shape": &shape, "data_offsets": &offsets}
	entries, err := members(text)
	if err != nil {
		return info, err
	}
	for _, e := range entries {
		dst, known := into[e.name]
		if !known {
			return info, fmt.Errorf("unknown field %s, want dtype, shape and data_offsets", quote(e.name))
		}
		if err := json.Unmarshal(e.value, dst); err != nil || bytes.Contains(e.value, []byte("null")) {
			return info, fmt.Errorf("%s: found %s, want %s", e.name, clip(e.value), wants[e.name])
		}
	}
	if len(entries) != len(into) {
		return info, fmt.Errorf("%d of the fields dtype, shape and data_offsets, want all three", len(entries))
	}
	if info.DType.Size() == 0 {
		return info, fmt.Errorf("dtype: found %s, want "+handled+"; save tensor.float() in its place", quote(string(info.DType)))
	}
	if len(offsets) != 2 || offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] > size {
		return info, fmt.Errorf("data_offsets: found %s, want [begin, end] within the %d bytes of data; is the file cut short?", shorten(offsets), size)
	}
	info.Offset, info.Size = offsets[0], offsets[1]-offsets[0]
	return info, info.setShape(shape)
}

var wants = map[string]string{
	"dtype":        "a string",
	"shape":        "a list of whole numbers",
	"data_offsets": "a list of two whole numbers",
}

// setShape takes a shape that fits the bytes of the tensor.
func (i *Info) setShape(shape []int64) error {
	i.Shape = make([]int, len(shape))
	for k, extent := range shape {
		i.Shape[k] = int(extent)
		if int64(i.Shape[k]) != extent {
			return fmt.Errorf("shape: %d is too large", extent)
		}
	}
	n, ok := count(i.Shape)
	if !ok || int64(n) > i.Size || int64(n)*int64(i.DType.Size()) != i.Size {
		return fmt.Errorf("shape: found %s of %s, which does not fit the %d bytes of data_offsets", shorten(shape), i.DType, i.Size)
	}
	return nil
}

// covers checks that the tensors lie side by side and fill the data.
func covers(infos []Info, size int64) error {
	order := slices.Clone(infos)
	sort.SliceStable(order, func(i, j int) bool {
		a, b := order[i], order[j]
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Size, b.Size)) < 0
	})
	var end int64
	for _, i := range order {
		if i.Offset != end {
			return fmt.Errorf("tensor %s: data_offsets: begins at %d, want %d, where the tensor before it ends", quote(i.Name), i.Offset, end)
		}
		end += i.Size
	}
	if end != size {
		return fmt.Errorf("the tensors end at byte %d of %d bytes of data", end, size)
	}
	return nil
}

// member is one "name": value of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// members reads a JSON object in its own order. Unlike json.Unmarshal it refuses a name that comes twice,
// and does not fold case.
func members(text []byte) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, fmt.Errorf("found %s, want a JSON object", clip(text))
	}
	var list []member
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("not JSON: %w", err)
		}
		m := member{name: key.(string)} // the decoder takes nothing else for a key
		if err := d.Decode(&m.value); err != nil {
			return nil, fmt.Errorf("%s: not JSON: %w", quote(m.name), err)
		}
		if seen[m.name] {
			return nil, fmt.Errorf("%s is there twice", quote(m.name))
		}
		seen[m.name] = true
		list = append(list, m)
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("something follows the JSON object")
	}
	return list, nil
}

// clip shows a piece of the header, of bounded length.
func clip(text []byte) string {
	const most = 60
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}

// shorten shows a list of numbers, of bounded length.
func shorten(list []int64) string { return clip([]byte(fmt.Sprint(list))) }
