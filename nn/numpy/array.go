package numpy

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// magic begins every file.
const magic = "\x93NUMPY"

// maxHeader bounds the description of an array: that of one of a few dimensions has some hundred bytes.
const maxHeader = 1 << 12

// Array is a file of one array that is open for reading.
type Array struct {
	Shape []int // empty: one element

	path string
	f    *os.File
	data int64 // where the elements begin
}

// OpenArray opens a file of float32 and checks what it says of itself. The caller closes it.
func OpenArray(path string) (*Array, error) {
	stat, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("numpy: %w", err)
	case !stat.Mode().IsRegular(): // reading from a pipe could last
		return nil, fmt.Errorf("numpy: %s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("numpy: %w", err)
	}
	a := &Array{path: path, f: f}
	if a.Shape, a.data, err = readHeader(f, stat.Size()); err != nil {
		return nil, errors.Join(a.fail(err), f.Close())
	}
	return a, nil
}

func (a *Array) fail(err error) error { return fmt.Errorf("numpy: %s: %w", a.path, err) }

// Close closes the file.
func (a *Array) Close() error { return a.f.Close() }

var (
	descr   = regexp.MustCompile(`'descr': *'([^']*)'`)
	fortran = regexp.MustCompile(`'fortran_order': *(True|False)`)
	shape   = regexp.MustCompile(`'shape': *\(([0-9, ]*)\)`)
)

// readHeader reads what a file of size bytes says of itself: the shape of its array, and where its elements begin.
func readHeader(r io.ReaderAt, size int64) (dims []int, data int64, err error) {
	head := make([]byte, min(size, 12+maxHeader))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, 0, err
	}
	if len(head) < 12 || string(head[:6]) != magic {
		return nil, 0, errors.New("it is no .npy file")
	}
	text, length := head[10:], int(binary.LittleEndian.Uint16(head[8:]))
	data = 10 + int64(length)
	switch head[6] {
	case 1:
	case 2, 3:
		n := binary.LittleEndian.Uint32(head[8:])
		text, length, data = head[12:], int(min(n, maxHeader+1)), 12+int64(n)
	default:
		return nil, 0, fmt.Errorf("version %d of the format; 1 to 3 can be read", head[6])
	}
	if length > maxHeader || length > len(text) {
		return nil, 0, fmt.Errorf("a header of %d bytes, in a file of %d; is it cut short?", length, size)
	}
	dims, err = parseHeader(string(text[:length]))
	if err != nil {
		return nil, 0, err
	}
	count := int64(1)
	for _, n := range dims {
		if count *= int64(n); n > math.MaxInt32 || count > math.MaxInt32 {
			return nil, 0, fmt.Errorf("an array of %v, too large", dims)
		}
	}
	if size-data != 4*count {
		return nil, 0, fmt.Errorf("an array of %v has %d bytes, and %d are there; is it cut short?", dims, 4*count, size-data)
	}
	return dims, data, nil
}

// parseHeader reads the dictionary that describes an array.
func parseHeader(text string) (dims []int, err error) {
	kind, order, sizes := descr.FindStringSubmatch(text), fortran.FindStringSubmatch(text), shape.FindStringSubmatch(text)
	switch {
	case kind == nil || order == nil || sizes == nil:
		return nil, errors.New("its header does not describe an array of numbers")
	case kind[1] != "<f4":
		return nil, fmt.Errorf("elements of type %.20q; '<f4' is wanted: np.save(name, a.astype('<f4'))", kind[1])
	case order[1] == "True":
		return nil, errors.New("its columns come one after the other; save it row by row: np.save(name, np.ascontiguousarray(a))")
	}
	for field := range strings.SplitSeq(sizes[1], ",") {
		if field = strings.TrimSpace(field); field == "" {
			continue
		}
		n, err := strconv.Atoi(field)
		if err != nil {
			return nil, fmt.Errorf("a dimension of %s", field)
		}
		dims = append(dims, n)
	}
	return dims, nil
}

// Read fills dst with elements from number at on.
func (a *Array) Read(dst []float32, at int) error {
	b := make([]byte, 4*len(dst))
	if _, err := a.f.ReadAt(b, a.data+4*int64(at)); err != nil {
		return a.fail(err)
	}
	for i := range dst {
		dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return nil
}

// WriteArray writes an array of a shape, as np.save does. elements writes all elements to what it is given, in order.
func WriteArray(w io.Writer, dims []int, elements func(put func([]float32) error) error) error {
	b := bufio.NewWriterSize(w, 1<<16)
	_, _ = b.Write(encodeHeader("<f4", dims)) // Flush tells of errors
	var four [4]byte
	err := elements(func(list []float32) error {
		for _, x := range list {
			binary.LittleEndian.PutUint32(four[:], math.Float32bits(x))
			if _, err := b.Write(four[:]); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, b.Flush())
}

// types are the names of the types of elements in a header.
var types = map[safetensors.DType]string{
	safetensors.F64: "<f8", safetensors.F32: "<f4", safetensors.F16: "<f2",
	safetensors.I64: "<i8", safetensors.I32: "<i4", safetensors.I16: "<i2", safetensors.I8: "|i1",
	safetensors.U8: "|u1", safetensors.Bool: "|b1",
}

// WriteTensor writes an array of a tensor's shape and elements, as np.save does. BF16, which NumPy lacks, is an error.
func WriteTensor(w io.Writer, t safetensors.Tensor) error {
	if err := t.Check(); err != nil {
		return fmt.Errorf("numpy: %w", err)
	}
	kind, ok := types[t.DType()]
	if !ok {
		return fmt.Errorf("numpy: tensor %s: NumPy has no elements of type %s", t.Name, t.DType())
	}
	b := bufio.NewWriterSize(w, 1<<16)
	_, _ = b.Write(encodeHeader(kind, t.Shape)) // Flush tells of errors
	return errors.Join(t.WriteData(b), b.Flush())
}

// encodeHeader is all that stands before the elements of an array, which begin at a multiple of 64 bytes.
func encodeHeader(kind string, dims []int) []byte {
	var sizes []string
	for _, n := range dims {
		sizes = append(sizes, strconv.Itoa(n))
	}
	text := strings.Join(sizes, ", ")
	if len(dims) == 1 {
		text += ","
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", kind, text)
	header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
	b := binary.LittleEndian.AppendUint16([]byte(magic+"\x01\x00"), uint16(len(header)))
	return append(b, header...)
}
