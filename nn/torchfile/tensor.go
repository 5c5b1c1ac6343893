package torchfile

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"math/bits"
	"strings"
	"sync"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// dtypes are the element types of PyTorch's classes of storages.
var dtypes = map[string]safetensors.DType{
	"FloatStorage":    safetensors.F32,
	"DoubleStorage":   safetensors.F64,
	"HalfStorage":     safetensors.F16,
	"BFloat16Storage": safetensors.BF16,
	"LongStorage":     safetensors.I64,
	"IntStorage":      safetensors.I32,
	"ShortStorage":    safetensors.I16,
	"CharStorage":     safetensors.I8,
	"ByteStorage":     safetensors.U8,
	"BoolStorage":     safetensors.Bool,
}

// storage is a row of elements in the file, of which tensors are views.
type storage struct {
	class  string // of PyTorch, for errors
	dtype  safetensors.DType
	key    string
	first  int64 // element of the stored row at which it begins
	length int64 // of the stored row, in elements, as the pickle has it
	record *record
}

// record is where the elements of a stored row, or an entry of an archive, lie in the file.
type record struct {
	name     string // of the entry
	header   int64  // bytes that the entry has at least before at
	at, size int64  // in bytes
	crc      uint32 // 0: none is kept
	once     sync.Once
	damaged  error // of checkOnce
}

// lies sets where the stored row is.
func (s *storage) lies(r *record) error {
	if size := int64(s.dtype.Size()); r.size%size != 0 || r.size/size != s.length {
		return fmt.Errorf("its storage %s has %d bytes in the file, want %d elements of %s; is it cut short?", quote(s.key), r.size, s.length, s.dtype)
	}
	s.record = r
	return nil
}

// view is a tensor: shape and strides over a storage, in elements.
type view struct {
	of     *storage
	offset int64
	shape  []int
	stride []int64
}

// storageOf is the storage that a persistent id stands for:
//
//	("storage", class, key, location, elements)            with views, in the legacy framing, also
//	                                       …, None or (key of the view, offset, elements))
func storageOf(id any) (*storage, error) {
	t, ok := id.(tuple)
	if ok && len(t) > 1 && t[0] == any("module") { // ("module", class, its file, its text), of the legacy framing
		return nil, refusal(t[1])
	}
	if !ok || len(t) < 5 || t[0] != any("storage") {
		return nil, fmt.Errorf("a persistent id is %s, which stands for no storage", describe(id))
	}
	class, ok := t[1].(global)
	key, okay := t[2].(string)
	if !ok || !okay {
		return nil, fmt.Errorf("a storage of class %s has the key %s", describe(t[1]), describe(t[2]))
	}
	s := &storage{class: class.String(), key: key}
	if s.length, ok = t[4].(int64); !ok {
		return nil, fmt.Errorf("storage %s has a length of %s", quote(key), describe(t[4]))
	}
	if class.module == "torch" || class.module == "torch.cuda" {
		s.dtype = dtypes[class.name]
	}
	if len(t) > 5 && t[5] != nil {
		seen, ok := t[5].(tuple)
		if !ok || len(seen) != 3 {
			return nil, fmt.Errorf("storage %s is a view of %s", quote(key), describe(t[5]))
		}
		if s.first, ok = seen[1].(int64); !ok || s.first < 0 {
			return nil, fmt.Errorf("storage %s begins at %s", quote(key), describe(seen[1]))
		}
	}
	return s, nil
}

// storages are those of a file by their keys.
type storages map[string]*storage

// load is the storage that a persistent id stands for. A key stands for elements of one type:
// PyTorch would take the type of the first id for all tensors there.
func (all storages) load(id any) (any, error) {
	s, err := storageOf(id)
	if err != nil {
		return nil, err
	}
	switch seen := all[s.key]; {
	case seen == nil:
		all[s.key] = s
	case seen.class != s.class:
		return nil, fmt.Errorf("storage %s is a %s and a %s, which torch.save never writes", quote(s.key), clip(seen.class), clip(s.class))
	}
	return s, nil
}

// rebuild is torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, …).
func rebuild(args tuple) (any, error) {
	if len(args) < 4 {
		return nil, fmt.Errorf("a tensor of %d arguments, want storage, offset, shape and strides", len(args))
	}
	s, ok := args[0].(*storage)
	if !ok {
		return nil, fmt.Errorf("a tensor in %s, want a storage", describe(args[0]))
	}
	const metadata = 6 // storage, offset, shape, strides, requires_grad, hooks, metadata
	if len(args) > metadata {
		if d, ok := args[metadata].(*dict); ok && d.values["neg"] == any(true) {
			return &opaque{what: "a tensor of turned signs (its negative bit is set)", tensor: true, do: "tensor.resolve_neg()"}, nil
		}
	}
	if s.dtype == "" {
		do := "tensor.float()"
		if strings.Contains(s.class, "Complex") {
			do = "real numbers"
		}
		return &opaque{what: "a tensor in a " + clip(s.class), tensor: true, do: do}, nil
	}
	v := &view{of: s}
	if v.offset, ok = args[1].(int64); !ok {
		return nil, fmt.Errorf("a tensor at %s, want a number", describe(args[1]))
	}
	shape, err := numbers("shape", args[2])
	if err != nil {
		return nil, err
	}
	if v.stride, err = numbers("strides", args[3]); err != nil {
		return nil, err
	}
	if len(v.stride) != len(shape) {
		return nil, fmt.Errorf("a tensor of %d dimensions with %d strides", len(shape), len(v.stride))
	}
	v.shape = make([]int, len(shape))
	for i, n := range shape {
		if n < 0 || int64(int(n)) != n {
			return nil, fmt.Errorf("a tensor of shape %v", shape)
		}
		v.shape[i] = int(n)
	}
	return v, nil
}

func numbers(what string, v any) ([]int64, error) {
	const most = 64 // dimensions that PyTorch allows
	t, ok := v.(tuple)
	if !ok || len(t) > most {
		return nil, fmt.Errorf("the %s of a tensor is %s, want a tuple of at most %d numbers", what, describe(v), most)
	}
	list := make([]int64, len(t))
	for i, x := range t {
		if list[i], ok = x.(int64); !ok {
			return nil, fmt.Errorf("the %s of a tensor holds %s, want numbers", what, describe(x))
		}
	}
	return list, nil
}

// span is the number of the tensor's elements, and the elements [first, end) of the stored
// row among which they are. It is an error when they leave the row, or are more than its own:
// a tensor repeated by strides of 0 could be of any size.
func (v *view) span() (count int, first, end int64, err error) {
	size := int64(v.of.dtype.Size())
	own := v.of.record.size / size
	wrong := func(format string, args ...any) (int, int64, int64, error) {
		return 0, 0, 0, fmt.Errorf("shape %v with strides %v at element %d %s", v.shape, v.stride, v.offset, fmt.Sprintf(format, args...))
	}
	n, last, empty := uint64(1), uint64(v.offset)+uint64(v.of.first), false
	if v.offset < 0 || v.of.first > own || v.offset > own {
		return wrong("begins outside of its storage of %d elements; is the file cut short?", own)
	}
	for i, extent := range v.shape {
		if extent == 0 {
			empty = true
		}
		if v.stride[i] < 0 {
			return wrong("goes backwards")
		}
		high, product := bits.Mul64(n, uint64(max(1, extent)))
		over, reach := bits.Mul64(uint64(max(0, extent-1)), uint64(v.stride[i]))
		if high != 0 || over != 0 || product > math.MaxInt64/8 || reach > math.MaxInt64/8 || last > math.MaxInt64/8 {
			return wrong("is larger than any file")
		}
		n, last = product, last+reach
	}
	switch {
	case empty:
		return 0, 0, 0, nil
	case int64(last) >= own:
		return wrong("leaves its storage of %d elements; is the file cut short?", own)
	case int64(n) > own:
		return wrong("is more than its storage of %d elements, which it repeats; save tensor.contiguous()", own)
	}
	return int(n), v.offset + v.of.first, int64(last) + 1, nil
}

// contiguous says whether the elements lie one after another in row-major order.
func (v *view) contiguous() bool {
	next := int64(1)
	for i := len(v.shape) - 1; i >= 0; i-- {
		if v.shape[i] != 1 && v.stride[i] != next {
			return false
		}
		next *= int64(v.shape[i])
	}
	return true
}

var errDamaged = errors.New("its bytes do not give the sum that the file keeps (CRC-32): it is damaged")

// read reads the tensor's elements in row-major order.
func (v *view) read(name string, file io.ReaderAt) (safetensors.Tensor, error) {
	count, first, end, err := v.span()
	t := safetensors.Tensor{Name: name, Shape: append([]int{}, v.shape...)}
	if err != nil {
		return t, err
	}
	t.Data = safetensors.Elements(v.of.dtype, count)
	size, r := int64(v.of.dtype.Size()), v.of.record
	raw := io.NewSectionReader(file, r.at+first*size, (end-first)*size)
	switch {
	case count == 0:
		return t, t.ReadData(raw)
	case v.contiguous() && raw.Size() == r.size:
		sum := crc32.NewIEEE()
		err := t.ReadData(io.TeeReader(raw, sum))
		if err == nil && r.crc != 0 && sum.Sum32() != r.crc {
			err = errDamaged
		}
		return t, err
	}
	if err := r.checkOnce(file); err != nil {
		return t, err
	}
	if v.contiguous() {
		return t, t.ReadData(raw)
	}
	from := make([]byte, raw.Size())
	if _, err := io.ReadFull(raw, from); err != nil {
		return t, err
	}
	to := make([]byte, 0, int64(count)*size)
	return t, t.ReadData(bytes.NewReader(v.gather(to, from, 0, 0)))
}

// gather appends the elements of dimension d and those behind it, from element at on.
func (v *view) gather(to, from []byte, d int, at int64) []byte {
	size := int64(v.of.dtype.Size())
	if d == len(v.shape) {
		return append(to, from[at*size:(at+1)*size]...)
	}
	for range v.shape[d] {
		to = v.gather(to, from, d+1, at)
		at += v.stride[d]
	}
	return to
}
