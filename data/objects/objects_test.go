package objects

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
)

func TestPaths(t *testing.T) {
	Register("zz", func(string) (Store, error) { return nil, nil })
	for _, c := range []struct{ got, want string }{
		{Join("zz://b/p", "step-1", "f"), "zz://b/p/step-1/f"},
		{Join("zz://b", "f"), "zz://b/f"},
		{Join("zz://b/", "/f/"), "zz://b/f"},
		{Join("a//b", "c"), "a/b/c"},
		{Join("unknown://b", "c"), "unknown:/b/c"},
		{Dir("zz://b/p/f"), "zz://b/p"},
		{Dir("/a/b"), "/a"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	if !Named("zz://b") || Named("/a") || Named("zz:/b") || Named("unknown://b") {
		t.Error("what is an address?")
	}
}

// TestNoSecrets: an address that is refused is not repeated where it may hold a secret.
func TestNoSecrets(t *testing.T) {
	for _, address := range []string{"zz://key:secret@b/k", "zz://b/k?sig=secret", "zz://b#secret", "zz:/key:secret@b"} {
		if _, _, _, err := Split(address); err == nil || strings.Contains(err.Error(), "secret@") || strings.Contains(err.Error(), "=secret") || strings.Contains(err.Error(), "#secret") {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, text := range []string{"zz://b/k", "zz://B k", "a/b?c@d", "generated:shapes?count=9", ""} {
		if Shown(text) != text {
			t.Errorf("%q is shown as %q", text, Shown(text))
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"s3://b/k", "s3://b", "s3://b//x/", "s3://u:p@b/k", "s3://b/../c", "s3:///k", "s3://b/k?x=1", "S3://b/k", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		scheme, bucket, key, err := Split(text)
		if err != nil {
			return
		}
		again := scheme + "://" + bucket
		if key != "" {
			again += "/" + key
		}
		s, b, k, err := Split(again)
		if err != nil || s != scheme || b != bucket || k != key {
			t.Errorf("%q is %q, %q, %q; that is %q, %q, %q, %v", text, scheme, bucket, key, s, b, k, err)
		}
	})
}

// changing is a store whose one object another replaces after each of the first looks at it.
type changing struct {
	Store
	version, looks int
}

func (c *changing) Stat(context.Context, string) (Info, error) {
	info := Info{Size: int64(c.version), ETag: fmt.Sprint(c.version)}
	if c.looks--; c.looks >= 0 {
		c.version++
	}
	return info, nil
}

func (c *changing) Read(_ context.Context, _ string, _ int64, p []byte, etag string) error {
	if etag != fmt.Sprint(c.version) {
		return &Error{Kind: Refused}
	}
	for i := range p {
		p[i] = byte(c.version)
	}
	return nil
}

// TestGetOfChanging: an object that is replaced between the look at it and its reading is read anew; one that never rests is an
// error.
func TestGetOfChanging(t *testing.T) {
	b := &Bucket{store: &changing{version: 1, looks: 3}}
	if data, info, err := b.Get(t.Context(), "k", 10); err != nil || info.ETag != "4" || string(data) != "\x04\x04\x04\x04" {
		t.Errorf("%q of %s, %v", data, info.ETag, err)
	}
	b = &Bucket{store: &changing{version: 1, looks: 1000}}
	if _, _, err := b.Get(t.Context(), "k", 1000); !errors.Is(err, fs.ErrExist) {
		t.Errorf("one that never rests: %v", err)
	}
}
