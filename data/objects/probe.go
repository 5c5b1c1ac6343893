package objects

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
)

// Probe writes below an address as a run will: an object is put where none is, is refused a second time, is read back and is
// removed. The error says what the bucket does not allow, or that it takes no conditional writes.
func Probe(ctx context.Context, address string) error {
	b, key, err := At(Join(address, "probe-"+rand.Text()))
	if err != nil {
		return err
	}
	text := []byte("Rondo looks whether it can write here. This may be removed.\n")
	info, err := b.Put(ctx, key, text, IfAbsent)
	if err != nil {
		return err
	}
	defer func() { _ = b.Delete(ctx, key) }()
	// Other bytes: the same ones would pass for a write whose answer was lost.
	switch _, err := b.Put(ctx, key, append([]byte("Again. "), text...), IfAbsent); {
	case err == nil:
		return fmt.Errorf("%s: the store overwrites what must not be overwritten: it knows no conditional writes (If-None-Match), without which "+
			"two who write here can spoil each other's work; use a newer release of it, or a directory", b.name)
	case !errors.Is(err, fs.ErrExist):
		return err
	}
	if err := b.Read(ctx, key, 0, make([]byte, len(text)), info.ETag); err != nil {
		return err
	}
	return b.Delete(ctx, key)
}
