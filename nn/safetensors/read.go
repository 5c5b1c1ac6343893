package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"unicode"
)

// File is a safetensors file that is open for reading.
type File struct {
	name     string
	r        io.ReaderAt
	close    func() error
	data     int64 // offset of the data
	infos    map[string]Info
	metadata map[string]string
}

// Open opens the file at path and checks its header. The caller closes it.
func Open(path string) (*File, error) {
	r, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	stat, err := r.Stat()
	if err == nil && !stat.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("safetensors: %w", err), r.Close())
	}
	f, err := New(path, r, stat.Size())
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	f.close = r.Close
	return f, nil
}

// New reads and checks the header of a file of size bytes. The name stands for the file in errors.
func New(name string, r io.ReaderAt, size int64) (*File, error) {
	f := &File{name: name, r: r}
	if size < 8 {
		return nil, f.fail("%d bytes are too few for a safetensors file; is it cut short?", size)
	}
	var prefix [8]byte
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, 8), prefix[:]); err != nil {
		return nil, f.fail("header length: %w", err)
	}
	n := binary.LittleEndian.Uint64(prefix[:])
	if n > maxHeader && !bytes.ContainsFunc(prefix[:], func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) && !unicode.IsSpace(r) }) { // text
		return nil, f.fail("it begins with %q: neither a safetensors file nor one of torch.save", prefix)
	}
	if n > maxHeader || int64(n) > size-8 {
		return nil, f.fail("header length: found %d, want at most %d; is this a safetensors file, and whole?", n, min(maxHeader, size-8))
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(io.NewSectionReader(r, 8, int64(n)), text); err != nil {
		return nil, f.fail("header: %w", err)
	}
	f.data = 8 + int64(n)
	infos, metadata, err := decodeHeader(text, size-f.data)
	if err != nil {
		return nil, f.fail("%w", err)
	}
	f.metadata = metadata
	f.infos = make(map[string]Info, len(infos))
	for _, i := range infos {
		f.infos[i.Name] = i
	}
	return f, nil
}

func (f *File) fail(format string, args ...any) error {
	return fmt.Errorf("safetensors: %s: %w", f.name, fmt.Errorf(format, args...))
}

// Close closes what Open opened.
func (f *File) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close()
}

// Names are the names of the tensors, sorted.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.infos)) }

// Metadata is the header's free text; nil when there is none.
func (f *File) Metadata() map[string]string { return maps.Clone(f.metadata) }

// Info says what the header says of a tensor, and whether there is such a one.
func (f *File) Info(name string) (Info, bool) {
	i, ok := f.infos[name]
	i.Shape = slices.Clone(i.Shape)
	return i, ok
}

// Data is the tensor's bytes as they stand in the file.
func (f *File) Data(name string) (io.Reader, error) {
	i, ok := f.infos[name]
	if !ok {
		return nil, f.fail("tensor %s: not in the file", quote(name))
	}
	return io.NewSectionReader(f.r, f.data+i.Offset, i.Size), nil
}

// Read reads a whole tensor into new memory.
func (f *File) Read(name string) (Tensor, error) {
	i, ok := f.Info(name)
	if !ok {
		return Tensor{}, f.fail("tensor %s: not in the file", quote(name))
	}
	t := Tensor{Name: name, Shape: i.Shape, Data: Elements(i.DType, i.Count())}
	return t, f.readInto(i, t)
}

// ReadFloat32 reads a tensor of F32. It is an error for dst not to have as many elements.
func (f *File) ReadFloat32(name string, dst []float32) error { return f.read(name, dst) }

// ReadFloat64 reads a tensor of F64. It is an error for dst not to have as many elements.
func (f *File) ReadFloat64(name string, dst []float64) error { return f.read(name, dst) }

// ReadInt64 reads a tensor of I64. It is an error for dst not to have as many elements.
func (f *File) ReadInt64(name string, dst []int64) error { return f.read(name, dst) }

// ReadUint8 reads a tensor of U8. It is an error for dst not to have as many elements.
func (f *File) ReadUint8(name string, dst []byte) error { return f.read(name, dst) }

// read reads a tensor into a slice of its type.
func (f *File) read(name string, dst any) error {
	i, ok := f.infos[name]
	t := Tensor{Name: name, Data: dst}
	switch {
	case !ok:
		return f.fail("tensor %s: not in the file", quote(name))
	case i.DType != t.DType():
		return f.fail("tensor %s: dtype: found %s, want %s", quote(name), i.DType, t.DType())
	case i.Count() != t.Len():
		return f.fail("tensor %s: shape: found %v, %d elements, want %d elements", quote(name), i.Shape, i.Count(), t.Len())
	}
	return f.readInto(i, t)
}

func (f *File) readInto(i Info, t Tensor) error {
	if err := t.ReadData(io.NewSectionReader(f.r, f.data+i.Offset, i.Size)); err != nil {
		return f.fail("tensor %s: %w", quote(i.Name), err)
	}
	return nil
}
