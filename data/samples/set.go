package samples

import (
	"fmt"

	"github.com/rondo-ml/rondo/data/shard"
)

// Set is a set of samples opened for reading. It is safe for concurrent use and needs no Close.
type Set struct {
	shards *shard.Set
	schema Schema
}

// Open opens the set in dir, such as DIR/train.
func Open(dir string) (*Set, error) {
	shards, err := shard.Open(dir)
	if err != nil {
		return nil, err
	}
	return Of(shards)
}

// Of is the set of samples in a shard set.
func Of(shards *shard.Set) (*Set, error) {
	if shards.Kind() != Kind {
		return nil, fmt.Errorf("%s holds %s, not samples", shards.Dir(), shards.Kind())
	}
	schema, err := decodeSchema(shards.Meta())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shards.Dir(), err)
	}
	return &Set{shards, schema}, nil
}

// Schema says what a sample is made of. It must not be changed.
func (s *Set) Schema() Schema { return s.schema }

// Len is the number of samples.
func (s *Set) Len() int { return int(s.shards.Records()) }

// Size is that of all records, in bytes.
func (s *Set) Size() int64 { return s.shards.Size() }

// Cache keeps about so many bytes of the set in memory, once they were read.
func (s *Set) Cache(bytes int64) { s.shards.Cache(bytes) }

// ReadAll begins to read a set in an object store into memory, if it has room there; see [shard.Set.ReadAll].
func (s *Set) ReadAll() { s.shards.ReadAll() }

// Remote says whether the set is in an object store.
func (s *Set) Remote() bool { return s.shards.Remote() }

// Foresee begins to read samples that will be asked for from an object store, and does not wait.
func (s *Set) Foresee(samples []int64) { s.shards.Foresee(samples) }

// Hash identifies the data: samples, schema and order.
func (s *Set) Hash() string { return s.shards.Hash() }

// At gives sample i, from 0 to Len()-1. Its data may be shared with other readers and must not be changed.
func (s *Set) At(i int) (Sample, error) {
	record, err := s.shards.Record(int64(i))
	if err != nil {
		return nil, err
	}
	sample, err := s.schema.decodeSample(record)
	if err != nil {
		return nil, fmt.Errorf("sample %d of %s: %w", i, s.shards.Dir(), err)
	}
	return sample, nil
}

// Writer writes a set of samples. It is not for concurrent use.
type Writer struct {
	*shard.Writer
	schema Schema
	buf    []byte
}

// NewWriter begins a set; opts.Kind and opts.Meta are the package's.
func NewWriter(opts shard.WriterOptions, schema Schema) (*Writer, error) {
	return newWriter(opts, schema, shard.NewWriter)
}

// ResumeWriter goes on with a set whose writing was stopped; see [shard.ResumeWriter].
func ResumeWriter(opts shard.WriterOptions, schema Schema) (*Writer, error) {
	return newWriter(opts, schema, shard.ResumeWriter)
}

func newWriter(opts shard.WriterOptions, schema Schema, begin func(shard.WriterOptions) (*shard.Writer, error)) (*Writer, error) {
	if err := schema.Check(); err != nil {
		return nil, err
	}
	meta, err := schema.encode()
	if err != nil {
		return nil, err
	}
	opts.Kind, opts.Meta = Kind, meta
	w, err := begin(opts)
	if err != nil {
		return nil, err
	}
	return &Writer{Writer: w, schema: schema}, nil
}

// Add appends one sample, which is copied.
func (w *Writer) Add(sample Sample) error {
	record, err := w.schema.encodeSample(w.buf[:0], sample)
	if err != nil {
		return err
	}
	w.buf = record
	return w.Append(record)
}
