package objects

import "context"

// Store is one bucket. It makes one try at what it is asked for: [Open] wraps it with retries. It is safe for
// concurrent use. Its errors are [*Error].
type Store interface {
	// Read fills p from byte off of an object. Where etag is not empty the object must still have it. That fewer
	// bytes are there is an error.
	Read(ctx context.Context, key string, off int64, p []byte, etag string) error

	// Stat tells what an object is.
	Stat(ctx context.Context, key string) (Info, error)

	// Put makes an object of data, which stays the caller's, if the condition holds: else the error is fs.ErrExist.
	Put(ctx context.Context, key string, data []byte, c Condition) (Info, error)

	// List gives the names below prefix, which ends in a slash or is empty, up to their next slash, each once. It
	// may lag behind.
	List(ctx context.Context, prefix string) ([]string, error)

	// Delete removes an object; that there is none is no error.
	Delete(ctx context.Context, key string) error

	// Upload begins an object of several parts. Where the object is there, it stays until the upload is committed.
	Upload(ctx context.Context, key string) (Upload, error)
}

// Upload is an object that is written part by part. Parts may be written at the same time, and in any order.
type Upload interface {
	// Part writes part number n, from 0; all but the last have [PartSize] bytes. Written again, it replaces itself.
	Part(ctx context.Context, n int, data []byte) error

	// Commit makes the object of parts 0 to parts-1. It may be called again when its answer was lost.
	Commit(ctx context.Context, parts int) error

	// Abort forgets what was written.
	Abort(ctx context.Context) error
}

// PartSize is how many bytes a part has.
const PartSize = 8 << 20

// Info is what a store tells of an object.
type Info struct {
	Size int64
	ETag string // names this content, or this writing of it
}

// Condition says when an object is put. The zero value is: always.
type Condition struct {
	absent bool
	etag   string
}

// IfAbsent holds where there is no such object.
var IfAbsent = Condition{absent: true}

// Always holds.
var Always = Condition{}

// IfMatch holds while the object has this ETag.
func IfMatch(etag string) Condition { return Condition{etag: etag} }

// Absent reports whether the condition is IfAbsent.
func (c Condition) Absent() bool { return c.absent }

// ETag is that of IfMatch, else empty.
func (c Condition) ETag() string { return c.etag }
