package torchfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// File is the state_dict of a file of torch.save, open for reading. It is a
// [safetensors.Source], and may be used by several goroutines at once when its io.ReaderAt
// may, as *os.File may.
type File struct {
	name    string
	r       io.ReaderAt
	size    int64
	close   func() error
	tensors map[string]*view
	within  string
	beside  []string
	leftOut []string
	unread  map[string]safetensors.Unread
}

// Open opens the file at path and reads all but the elements. The caller closes it.
func Open(path string) (*File, error) {
	r, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("torchfile: %w", err)
	}
	stat, err := r.Stat()
	if err == nil && !stat.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("torchfile: %w", err), r.Close())
	}
	f, err := New(path, r, stat.Size())
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	f.close = r.Close
	return f, nil
}

// New reads all but the elements of a file of size bytes. The name stands for the file in
// errors.
func New(name string, r io.ReaderAt, size int64) (*File, error) {
	f := &File{name: name, r: r, size: size, tensors: map[string]*view{}, unread: map[string]safetensors.Unread{}}
	head := make([]byte, min(size, 512))
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), head); err != nil {
		return nil, f.fail("%w", err)
	}
	var root any
	var records map[string]*record
	var err error
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		root, records, err = readZip(r, size)
	case isLegacy(head):
		root, records, err = readLegacy(r, size)
	case len(head) > 262 && string(head[257:262]) == "ustar":
		err = errors.New("a tar archive, as PyTorch before 0.2 wrote them; load it there and save it again")
	default:
		err = errors.New("not a file of torch.save; is it whole?")
	}
	if err == nil {
		err = f.take(root, records)
	}
	if err != nil {
		return nil, f.fail("%w", err)
	}
	return f, nil
}

// Recognizes says whether a file that begins with head could be one of torch.save.
func Recognizes(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || isLegacy(head)
}

func (f *File) fail(format string, args ...any) error {
	return fmt.Errorf("torchfile: %s: %w", f.name, fmt.Errorf(format, args...))
}

// take finds the state_dict in the object of the file, and checks every tensor.
func (f *File) take(root any, records map[string]*record) error {
	d, within, err := stateDict(root)
	if err != nil {
		return err
	}
	f.within = within
	for name, v := range root.(*dict).values {
		if o, ok := v.(*dict); ok && name != within && o.hasTensors(false) {
			f.beside = append(f.beside, name)
		}
	}
	slices.Sort(f.beside)
	if within != "" {
		f.passOver("", root.(*dict), within)
	}
	// Weights that are tied share a storage; a file that would become many times its size is a trap.
	total, most := int64(0), 16*f.size
	for _, name := range d.keys {
		if o, ok := d.values[name].(*opaque); ok && o.tensor {
			f.unread[name] = o.unread()
		}
		v, ok := d.values[name].(*view)
		if !ok {
			continue
		}
		if v.of.record == nil {
			r := records[v.of.key]
			if r == nil {
				return fmt.Errorf("tensor %s: its storage %s is not in the file", quote(name), quote(v.of.key))
			}
			if err := v.of.lies(r); err != nil {
				return fmt.Errorf("tensor %s: %w", quote(name), err)
			}
		}
		count, _, _, err := v.span()
		if err != nil {
			return fmt.Errorf("tensor %s: %w", quote(name), err)
		}
		if total += int64(count) * int64(v.of.dtype.Size()); total > most {
			return fmt.Errorf("its tensors have more than %d bytes in a file of %d: they share storages over and over", most, f.size)
		}
		f.tensors[name] = v
	}
	f.passOver(within, d, "")
	return nil
}

// passOver lists the entries of a dictionary that are no tensors, but one.
func (f *File) passOver(prefix string, d *dict, but string) {
	const most = 1000
	note := func(text string) {
		if len(f.leftOut) < most {
			f.leftOut = append(f.leftOut, text)
		}
	}
	if prefix != "" {
		prefix += "."
	}
	for _, name := range d.keys {
		v := d.values[name]
		if _, ok := v.(*view); (ok && but == "") || (name == but && but != "") {
			continue
		}
		note(prefix + clip(name) + ": " + describe(v))
	}
	if d.others > 0 {
		note(fmt.Sprintf("%s%d entries whose key is no text", prefix, d.others))
	}
}

// Close closes what Open opened.
func (f *File) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close()
}

// Names are the names of the tensors, sorted.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.tensors)) }

// Within is the entry of the file's object that is the state_dict, or "" when that is the
// object itself.
func (f *File) Within() string { return f.within }

// Beside are the entries of the file's object that hold tensors, too, as averages of the weights.
func (f *File) Beside() []string { return slices.Clone(f.beside) }

// LeftOut says what else is in the file, an entry each: "epoch: a number".
func (f *File) LeftOut() []string { return slices.Clone(f.leftOut) }

// Unread are the tensors of kinds that are not read, by their names.
func (f *File) Unread() map[string]safetensors.Unread { return f.unread }

// Info says of what shape and type a tensor is; its Offset is 0.
func (f *File) Info(name string) (safetensors.Info, bool) {
	v, ok := f.tensors[name]
	if !ok {
		return safetensors.Info{}, false
	}
	count, _, _, _ := v.span()
	return safetensors.Info{Name: name, DType: v.of.dtype, Shape: slices.Clone(v.shape), Size: int64(count) * int64(v.of.dtype.Size())}, true
}

// Read reads a whole tensor into new memory.
func (f *File) Read(name string) (safetensors.Tensor, error) {
	v, ok := f.tensors[name]
	if !ok {
		return safetensors.Tensor{}, f.fail("tensor %s: not in the file", quote(name))
	}
	t, err := v.read(name, f.r)
	if err != nil {
		return t, f.fail("tensor %s: %w", quote(name), err)
	}
	return t, nil
}
