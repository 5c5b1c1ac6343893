package objects

import (
	"context"
	"io"
)

// Object is an object that is read by ranges. It is safe for concurrent use and needs no Close.
type Object struct {
	bucket *Bucket
	key    string
	info   Info
}

// Open finds the object of an address.
func Open(ctx context.Context, address string) (*Object, error) {
	b, key, err := At(address)
	if err != nil {
		return nil, err
	}
	info, err := b.Stat(ctx, key)
	if err != nil {
		return nil, err
	}
	return &Object{b, key, info}, nil
}

// Size is how many bytes it has.
func (o *Object) Size() int64 { return o.info.Size }

// ReadAt reads a range, as [io.ReaderAt] has it. An object that was replaced since it was opened is an error.
func (o *Object) ReadAt(p []byte, off int64) (int, error) {
	n := int64(len(p))
	var end error
	if off+n > o.info.Size {
		n, end = max(0, o.info.Size-off), io.EOF
	}
	if err := o.bucket.Read(context.Background(), o.key, off, p[:n], o.info.ETag); err != nil {
		return 0, err
	}
	return int(n), end
}
