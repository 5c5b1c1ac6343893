// Package safetensors reads and writes the safetensors format, in which weights move between Rondo and
// PyTorch and in which checkpoints are kept.
//
// A file is
//
//	8 bytes   length n of the header, little-endian
//	n bytes   header, JSON: {"__metadata__": {"k": "v"}, "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}
//	the rest  data: every tensor's elements, row-major and little-endian, at its offsets from the end of the header
//
// (https://github.com/huggingface/safetensors, "Format"). The tensors cover the data without a hole or an
// overlap. Ten element types are handled: F32, F64, F16, BF16, I64, I32, I16, I8, U8 and BOOL.
//
// # Writing
//
// Equal tensors and metadata give equal bytes. Tensors lie in the order of their element size, largest
// first, then of their names, and the header is padded with spaces to a multiple of eight, so that every
// element is aligned to its size within the file.
//
// # Reading
//
// A File is opened over an io.ReaderAt and holds the header alone; elements are read when asked for, into
// the caller's memory. Nothing in a file can make the reader panic or take memory beyond the file's own
// size: a header that is too long, duplicate names, shapes that do not fit their bytes, offsets that are
// negative, overlap or leave the file are errors that name the file, the tensor and the field.
//
// A File may be used by several goroutines at once when its io.ReaderAt may, as *os.File may.
package safetensors
