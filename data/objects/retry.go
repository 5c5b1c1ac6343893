package objects

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"time"
)

// Tries are spread over about a minute: 0.1, 0.2, 0.4 … 6.4, 10, 10, … s, each shortened by up to a half so that the workers
// of a run do not come back at the same moment.
const (
	tries      = 12
	firstPause = 100 * time.Millisecond
	mostPause  = 10 * time.Second
)

func pause(ctx context.Context, try int) error {
	d := min(firstPause<<try, mostPause)
	t := time.NewTimer(d - rand.N(d/2+1))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// A try is given this long, and a second more for each of these bytes: a store that takes a request and says nothing
// must not hold anybody for ever.
const (
	patience      = 20 * time.Second
	bytesInSecond = 1 << 20
)

// retry calls try until it succeeds or fails for good.
func (b *Bucket) retry(ctx context.Context, bytes int, try func(ctx context.Context, n int) error) error {
	for n := 0; ; n++ {
		one, cancel := context.WithTimeout(ctx, patience+time.Duration(bytes/bytesInSecond)*time.Second)
		err := try(one, n)
		cancel()
		if err == nil || kindOf(err) != Passing {
			return err
		}
		if n+1 == tries {
			return fmt.Errorf("%w (tried %d times)", err, tries)
		}
		if stopped := b.pause(ctx, n); stopped != nil {
			return errors.Join(err, stopped)
		}
	}
}

// Read fills p from byte off of an object; see [Store].
func (b *Bucket) Read(ctx context.Context, key string, off int64, p []byte, etag string) error {
	if len(p) == 0 {
		return nil
	}
	return b.retry(ctx, len(p), func(ctx context.Context, _ int) error { return b.store.Read(ctx, key, off, p, etag) })
}

// Stat tells what an object is.
func (b *Bucket) Stat(ctx context.Context, key string) (info Info, err error) {
	err = b.retry(ctx, 0, func(ctx context.Context, _ int) error {
		info, err = b.store.Stat(ctx, key)
		return err
	})
	return info, err
}

// Put makes an object of data if the condition holds; else the error is fs.ErrExist.
func (b *Bucket) Put(ctx context.Context, key string, data []byte, c Condition) (Info, error) {
	info, _, err := b.put(ctx, key, data, c)
	return info, err
}

// put is Put, and tells how many tries it took.
func (b *Bucket) put(ctx context.Context, key string, data []byte, c Condition) (info Info, tries int, err error) {
	err = b.retry(ctx, len(data), func(ctx context.Context, n int) error {
		tries++
		info, err = b.store.Put(ctx, key, data, c)
		if n > 0 && errors.Is(err, fs.ErrExist) {
			// An earlier try may have been done and its answer lost.
			there, same, looked := b.holds(ctx, key, data)
			switch {
			case same:
				info, err = there, nil
			case kindOf(looked) == Passing:
				err = looked // the next try looks again
			}
		}
		return err
	})
	return info, tries, err
}

// holds reports whether an object is data. It makes one try.
func (b *Bucket) holds(ctx context.Context, key string, data []byte) (Info, bool, error) {
	info, err := b.store.Stat(ctx, key)
	if err != nil || info.Size != int64(len(data)) {
		return info, false, err
	}
	there := make([]byte, len(data))
	if len(data) > 0 {
		err = b.store.Read(ctx, key, 0, there, info.ETag)
	}
	return info, err == nil && bytes.Equal(there, data), err
}

// List gives the names below prefix up to their next slash; see [Store].
func (b *Bucket) List(ctx context.Context, prefix string) (names []string, err error) {
	if prefix != "" {
		prefix += "/"
	}
	err = b.retry(ctx, 0, func(ctx context.Context, _ int) error {
		names, err = b.store.List(ctx, prefix)
		return err
	})
	return names, err
}

// Delete removes an object; that there is none is no error.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	return b.retry(ctx, 0, func(ctx context.Context, _ int) error {
		err := b.store.Delete(ctx, key)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
}

// Get reads an object whole, if it has at most so many bytes. One that others replace meanwhile is read anew.
func (b *Bucket) Get(ctx context.Context, key string, most int64) ([]byte, Info, error) {
	for n := 1; ; n++ {
		info, err := b.Stat(ctx, key)
		if err != nil {
			return nil, info, err
		}
		if info.Size > most {
			return nil, info, fmt.Errorf("%s/%s: %d bytes, want at most %d", b.name, key, info.Size, most)
		}
		data := make([]byte, info.Size)
		if err = b.Read(ctx, key, 0, data, info.ETag); kindOf(err) != Refused || n == tries {
			return data, info, err
		}
	}
}
